// numbers.ts: the number texts of the configuration: byte counts with suffixes, plain, octal and
// percent numbers. Texts are latin-1; results are signed 64-bit values as BigInt, exactly the bits
// valkey keeps, so that bounds and the odd wrap-around come out the same. Cold code only.
//
//   suffix  b  k     kb    m        mb       g           gb          in any case
//   factor  1  1000  1024  1000000  1048576  1000000000  1073741824
//
// The digits may be missing: "" and "kb" are 0. The product wraps at 2^64, unnoticed.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { doubleParse } from "../../bytes/double.ts";
import { LONG_MAX, ULONG_MAX } from "./directive.ts";

/** Digits a byte count may have, suffix not counted. */
const MEMORY_DIGITS_MAX = 127;

const FACTORS: Readonly<Record<string, bigint>> = {
  "": 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000000n,
  mb: 1048576n,
  g: 1000000000n,
  gb: 1073741824n,
};

/** The text up to its first zero byte, which is where C sees its end. */
export function untilNul(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** A byte count as an unsigned 64-bit number, or null. */
export function parseBytes(text: string): bigint | null {
  const match = /^([0-9]*)([a-z]*)$/i.exec(untilNul(text));
  if (match === null || match[1].length > MEMORY_DIGITS_MAX) return null;
  const factor = FACTORS[match[2].toLowerCase()];
  if (factor === undefined) return null;
  const digits = BigInt(match[1] === "" ? "0" : match[1]);
  return digits > ULONG_MAX ? null : BigInt.asUintN(64, digits * factor);
}

/** A decimal number without blanks, plus sign or leading zeros that fits 64 bits, or null. */
export function parseInteger(text: string): bigint | null {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return null;
  const value = BigInt(text);
  return value === BigInt.asIntN(64, value) ? value : null;
}

/** What strtoll reads from the whole text, values too large moved to the nearer end; or null. */
export function parseLenient(text: string): bigint | null {
  const match = /^[ \t-\r]*([+-]?)([0-9]+)$/.exec(untilNul(text));
  if (match === null) return untilNul(text) === "" ? 0n : null;
  const value = match[1] === "-" ? -BigInt(match[2]) : BigInt(match[2]);
  if (value > LONG_MAX) return LONG_MAX;
  return value < -LONG_MAX - 1n ? -LONG_MAX - 1n : value;
}

/** A number in base 8, sign and leading blanks allowed, "" being 0; or null. */
export function parseOctal(text: string): bigint | null {
  const match = /^[ \t-\r]*([+-]?)([0-7]+)$/.exec(untilNul(text));
  if (match === null) return untilNul(text) === "" ? 0n : null;
  const value = BigInt("0o" + match[2]);
  if (value > LONG_MAX) return null;
  return match[1] === "-" ? -value : value;
}

/** "N%" as minus N, or null. */
export function parsePercent(text: string): bigint | null {
  if (!text.endsWith("%")) return null;
  const value = parseInteger(text.slice(0, -1));
  return value === null || value < 0n ? null : -value;
}

/** A byte count for the file: in the largest of gb, mb, kb that divides it. */
export function formatBytes(bytes: bigint): string {
  if (bytes !== 0n) {
    for (const suffix of ["gb", "mb", "kb"]) {
      if (bytes % FACTORS[suffix] === 0n) return `${bytes / FACTORS[suffix]}${suffix}`;
    }
  }
  return bytes.toString();
}

/** A decimal number, possibly infinite, or null. */
export function parseDouble(text: string): number | null {
  const value = doubleParse(fromLatin1(text), 0, text.length);
  return Number.isNaN(value) ? null : value;
}

/** Six decimals, trailing zeros and a bare point left out; -0 stays "-0". */
export function formatDouble(value: number): string {
  const text = value.toFixed(6).replace(/\.?0+$/, "");
  return Object.is(value, -0) ? "-0" : text;
}
