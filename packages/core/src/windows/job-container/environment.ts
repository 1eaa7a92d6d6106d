import { refused } from './refused.ts';

/** Variables without which hardly any program starts; Node adds them too where they are left out. */
const alwaysSet = [
  'HOMEDRIVE',
  'HOMEPATH',
  'LOGONSERVER',
  'PATH',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'USERDOMAIN',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
];

type Values = Readonly<Record<string, string | undefined>>;

/** The variables of a process. Their names differ by more than case. */
export class Environment {
  /** Name and value by the name in upper case. */
  readonly #variables = new Map<string, readonly [name: string, value: string]>();

  /**
   * @param values of names that differ by case alone the first one in order of characters counts, as with Node
   * @throws SilostatError ERR_INVALID_ARGUMENT
   */
  constructor(command: string, values: Values, own: Values = process.env) {
    const seen = new Set<string>();
    for (const name of Object.keys(values).sort()) {
      const key = name.toUpperCase();
      const value = values[name];
      if (!seen.has(key) && value !== undefined) this.#variables.set(key, [name, checked(command, name, value)]);
      seen.add(key);
    }
    for (const name of alwaysSet) {
      const value = own[name];
      if (value !== undefined && !this.#variables.has(name)) this.#variables.set(name, [name, value]);
    }
  }

  get(name: string): string | undefined {
    return this.#variables.get(name.toUpperCase())?.[1];
  }

  /** `NAME=value` with a NUL behind each, in the order that Windows asks for. */
  toBlock(): string {
    const sorted = [...this.#variables].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([, [name, value]]) => `${name}=${value}\0`).join('');
  }
}

function checked(command: string, name: string, value: unknown): string {
  const text = String(value);
  if (name !== '' && !`${name}${text}`.includes('\0')) return text;
  throw refused(command, `the variable ${JSON.stringify(name)} of its environment holds a NUL, or has no name`);
}
