/** 100 ns units from 1601-01-01 (FILETIME) to 1970-01-01. */
const filetimeOfUnixEpoch = 116444736000000000n;
const ticksPerSecond = 10_000_000n;

/**
 * RFC 3339 in UTC with 100 ns digits. `ticks` is a count of 100 ns since 1970-01-01 UTC.
 * @throws RangeError for a time outside the years 0000 to 9999.
 */
export function rfc3339FromUnixTicks(ticks: bigint): string {
  const fraction = ((ticks % ticksPerSecond) + ticksPerSecond) % ticksPerSecond;
  return rfc3339FromUnixSecond(Number((ticks - fraction) / ticksPerSecond), Number(fraction));
}

/** The same from whole seconds since 1970-01-01 UTC, and the 100 ns beyond them. */
export function rfc3339FromUnixSecond(second: number, fraction: number): string {
  return `${textOfSecond(second)}.${digits(fraction, 7)}Z`;
}

/**
 * RFC 3339 in UTC with milliseconds: what `Date.toISOString` writes, which however makes the runtime read the files of the
 * host's time zone.
 * @throws RangeError for a time outside the years 0000 to 9999.
 */
export function rfc3339FromUnixMs(ms: number): string {
  const second = Math.floor(ms / 1000);
  return `${textOfSecond(second)}.${digits(Math.floor(ms - second * 1000), 3)}Z`;
}

/** The texts of some seconds: those of this second, and of when processes were created, are written again and again. */
const texts = new Map<number, string>();
const mostTexts = 1024;

/** `2026-11-25T22:36:01`, from seconds since 1970-01-01 UTC. */
function textOfSecond(second: number): string {
  const known = texts.get(second);
  if (known !== undefined) return known;
  const date = new Date(second * 1000);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`${second * 1000} ms is no time of the years 0000 to 9999`);
  const day = `${digits(year, 4)}-${digits(date.getUTCMonth() + 1, 2)}-${digits(date.getUTCDate(), 2)}`;
  const time = `${digits(date.getUTCHours(), 2)}:${digits(date.getUTCMinutes(), 2)}:${digits(date.getUTCSeconds(), 2)}`;
  const text = `${day}T${time}`;
  if (texts.size === mostTexts) texts.clear();
  texts.set(second, text);
  return text;
}

function digits(value: number, count: number): string {
  return value.toString().padStart(count, '0');
}

/**
 * RFC 3339 in UTC with 100 ns digits, from a Windows FILETIME (100 ns since 1601-01-01 UTC).
 * @throws RangeError for a time outside the years 0000 to 9999.
 */
export function rfc3339FromFiletime(filetime: bigint): string {
  return rfc3339FromUnixTicks(unixTicksFromFiletime(filetime));
}

/** 100 ns since 1970-01-01 UTC, from a Windows FILETIME. */
export function unixTicksFromFiletime(filetime: bigint): bigint {
  return filetime - filetimeOfUnixEpoch;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/i;

/** 100 ns since 1970-01-01 UTC; digits beyond 100 ns are cut off. undefined when it is no RFC 3339 time. */
export function unixTicksFromRfc3339(text: string): bigint | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, day, time, fraction = '', sign, hours = '0', minutes = '0'] = match;
  const local = new Date(`${day}T${time}Z`);
  // Date takes February 30 for March 1, and hour 24 for the next day.
  if (Number.isNaN(local.getTime()) || textOfSecond(local.getTime() / 1000) !== `${day}T${time}`) return undefined;
  const ahead = (sign === '-' ? -60_000 : 60_000) * (Number(hours) * 60 + Number(minutes));
  return BigInt(local.getTime() - ahead) * 10_000n + BigInt(fraction.slice(0, 7).padEnd(7, '0'));
}
