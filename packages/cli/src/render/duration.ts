const ticksPerMillisecond = 10_000;
const ticksPerSecond = 10_000_000;

/** A time in 100 ns units, cut to what matters: `120ms`, `12.34s`, `2m05s`, `3h07m`, `12d04h`. */
export function renderDuration(ticks: number): string {
  if (ticks === 0) return '0s';
  if (ticks < ticksPerMillisecond) return '<1ms';
  if (ticks < ticksPerSecond) return `${Math.floor(ticks / ticksPerMillisecond)}ms`;
  const seconds = Math.floor(ticks / ticksPerSecond);
  if (seconds < 60) return `${hundredths(ticks)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${twoDigits(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${twoDigits(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${twoDigits(hours % 24)}h`;
}

function hundredths(ticks: number): string {
  const count = Math.floor(ticks / (ticksPerSecond / 100));
  return `${Math.floor(count / 100)}.${twoDigits(count % 100)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
