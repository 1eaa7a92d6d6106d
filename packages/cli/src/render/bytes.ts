const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** Three digits and an IEC unit: `512 B`, `1.00 KiB`, `12.3 MiB`, `123 MiB`. */
export function renderBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  for (const unit of units) {
    value /= 1024;
    const digits = threeDigits(value);
    // 1023.7 KiB is 1.00 MiB once it is rounded.
    if (digits !== '1024') return `${digits} ${unit}`;
  }
  return `${value.toFixed(0)} EiB`;
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  const whole = Math.round(value);
  return whole >= 1024 ? '1024' : String(whole);
}
