import { SilostatError } from './errors.ts';

/** What a person typed to name a container: a cgroup path, or (part of) an id or name. */
export type Reference =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'name'; readonly name: string };

const longestPath = 4095;
const longestComponent = 255;
/** What engines allow in ids and names, and systemd in unit names. */
const nameShape = /^[A-Za-z0-9_][A-Za-z0-9_.@:\\+-]*$/;

/** UTF-16 units: what a UNICODE_STRING can count. */
const longestObjectPath = 32766;

/**
 * Checks a reference without opening anything. A path is absolute, without empty, `.` and `..` components; an id or name
 * has at most 255 characters. Where `objectPaths` is true an NT path that begins with a backslash is a path too.
 * @throws SilostatError ERR_INVALID_ARGUMENT
 */
export function parseReference(reference: string, { objectPaths = false }: { objectPaths?: boolean } = {}): Reference {
  const text: unknown = reference;
  if (typeof text !== 'string') throw invalid(String(text), 'it is not a string');
  if (text === '') throw invalid(text, 'it is empty; give an id, a name or a cgroup path');
  if (hasControlCharacter(text)) throw invalid(text, 'it holds a control character');
  if (text.startsWith('/')) {
    checkPath(text);
    return { kind: 'path', path: text };
  }
  if (objectPaths && text.startsWith('\\')) {
    checkObjectPath(text);
    return { kind: 'path', path: text };
  }
  if (text.length > longestComponent) throw invalid(text, `it is longer than ${longestComponent} characters`);
  if (!nameShape.test(text)) throw invalid(text, 'an id or name has letters, digits and _ . - @ : + \\ only');
  return { kind: 'name', name: text };
}

function checkPath(path: string): void {
  if (path === '/') throw invalid(path, 'the root is not a container');
  if (Buffer.byteLength(path) > longestPath) throw invalid(path, `it is longer than ${longestPath} bytes`);
  for (const component of path.slice(1).split('/')) {
    if (component === '') throw invalid(path, 'it has an empty component');
    if (component === '.' || component === '..') throw invalid(path, `it has a component "${component}"`);
    if (Buffer.byteLength(component) > longestComponent) {
      throw invalid(path, `a component is longer than ${longestComponent} bytes`);
    }
  }
}

function checkObjectPath(path: string): void {
  if (path.length > longestObjectPath) throw invalid(path, `it is longer than ${longestObjectPath} characters`);
  if (path.slice(1).split('\\').includes('')) throw invalid(path, 'it has an empty component');
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function invalid(text: string, reason: string): SilostatError {
  const subject = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return new SilostatError('ERR_INVALID_ARGUMENT', { subject, operation: 'open container', reason });
}
