/** Numbers, times and money as people of a language write them. Pure. */

/** `12.4 s` or `840 ms`: how long somebody waited. */
export function delayText(ms: number, language: string): string {
  const seconds = ms / 1_000;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'short',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(seconds);
}

/** US dollars; below one cent to a hundredth of it, so that a young meeting does not cost nothing. */
export function moneyText(usd: number, language: string): string {
  const digits = usd !== 0 && Math.abs(usd) < 0.01 ? 4 : 2;
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(usd);
}

/** `1:02:03` or `2:03`: how long something takes or took. */
export function clockText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1_000));
  const [hours, minutes, seconds] = [Math.floor(total / 3_600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `45 min`, `1 h 5 min`: how long a meeting was. */
export function durationText(ms: number, language: string): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  const unit = (value: number, name: 'hour' | 'minute'): string =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
  if (minutes < 60) return unit(minutes, 'minute');
  const rest = minutes % 60;
  return rest === 0
    ? unit(minutes / 60, 'hour')
    : `${unit(Math.floor(minutes / 60), 'hour')} ${unit(rest, 'minute')}`;
}

/** A day and a time, near ones by their names: `today, 14:05`, `yesterday, 09:30`, `3 Nov, 16:00`. */
export function whenText(iso: string, language: string, nowMs: number): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '';
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(time);
  const days = Math.round((startOfDay(time) - startOfDay(new Date(nowMs))) / 86_400_000);
  if (Math.abs(days) <= 1) {
    const day = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(days, 'day');
    return `${day.replace(/^\p{Ll}/u, (letter) => letter.toLocaleUpperCase(language))}, ${clock}`;
  }
  const isThisYear = time.getFullYear() === new Date(nowMs).getFullYear();
  const day = new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? {} : { year: 'numeric' }),
  }).format(time);
  return `${day}, ${clock}`;
}

/** How long ago, or how far ahead: `5 minutes ago`, `in 2 hours`. */
export function agoText(iso: string, language: string, nowMs: number): string {
  const ms = new Date(iso).getTime() - nowMs;
  if (Number.isNaN(ms)) return '';
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ];
  for (const [unit, size] of steps)
    if (Math.abs(ms) >= size) return format.format(Math.round(ms / size), unit);
  return format.format(Math.round(ms / 1_000), 'second');
}

/** `2.4 MB`: how large a file is. */
export function sizeText(bytes: number, language: string): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kilobyte'] : [bytes / 1_000_000, 'megabyte'];
  const digits = value < 10 && unit === 'megabyte' ? 1 : 0;
  return new Intl.NumberFormat(language, {
    ...{ style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits },
  }).format(Math.max(value, 1));
}

/** `0.42` as `42 %`. */
export function shareText(share: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

function startOfDay(time: Date): number {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}
