// info_text.ts: the text of INFO as it grows: sections of "field:value" lines, and the forms of values.

/** What a section function adds its lines to. */
export class InfoText {
  text = "";

  /** Starts a section; an empty line parts it from the one before. */
  section(title: string): void {
    if (this.text !== "") this.text += "\r\n";
    this.text += `# ${title}\r\n`;
  }

  line(name: string, value: string | number): void {
    this.text += `${name}:${value}\r\n`;
  }

  /** Several fields, in the order of the record. */
  lines(fields: Readonly<Record<string, string | number>>): void {
    for (const [name, value] of Object.entries(fields)) this.line(name, value);
  }
}

const UNITS = "KMGTP";

/** 1536 -> "1.50K", in powers of 1024; plain bytes below. */
export function bytesForHumans(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return value.toFixed(2) + UNITS[unit];
}

/** part of whole as "12.50%"; "0.00%" of nothing. */
export function percent(part: number, whole: number): string {
  return `${(whole > 0 ? part * 100 / whole : 0).toFixed(2)}%`;
}

/** part / whole with two digits; "1.00" when there is nothing to compare with. */
export function ratio(part: number, whole: number): string {
  return (whole > 0 ? part / whole : 1).toFixed(2);
}

/** Microseconds as seconds with six digits. */
export function seconds(us: number): string {
  return (us / 1_000_000).toFixed(6);
}
