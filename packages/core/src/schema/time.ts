/** 100 ns units from 1601-01-01 (FILETIME) to 1970-01-01. */
const filetimeOfUnixEpoch = 116444736000000000n;

/** RFC 3339 in UTC with 100 ns digits. `ticks` is a count of 100 ns since 1970-01-01 UTC. */
export function rfc3339FromUnixTicks(ticks: bigint): string {
  const whole = ticks / 10000n;
  const rest = ticks % 10000n;
  const iso = new Date(Number(whole)).toISOString();
  return `${iso.slice(0, -1)}${rest.toString().padStart(4, '0')}Z`;
}

/** RFC 3339 in UTC with 100 ns digits, from a Windows FILETIME (100 ns since 1601-01-01 UTC). */
export function rfc3339FromFiletime(filetime: bigint): string {
  return rfc3339FromUnixTicks(unixTicksFromFiletime(filetime));
}

/** 100 ns since 1970-01-01 UTC, from a Windows FILETIME (100 ns since 1601-01-01 UTC). */
export function unixTicksFromFiletime(filetime: bigint): bigint {
  return filetime - filetimeOfUnixEpoch;
}

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i;

/** 100 ns since 1970-01-01 UTC; digits beyond 100 ns are cut off. undefined when it is no RFC 3339 time. */
export function unixTicksFromRfc3339(text: string): bigint | undefined {
  const [, seconds, fraction = '', zone] = rfc3339.exec(text) ?? [];
  if (seconds === undefined || zone === undefined) return undefined;
  const ms = Date.parse(`${seconds}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 10_000n + BigInt(fraction.slice(0, 7).padEnd(7, '0'));
}
