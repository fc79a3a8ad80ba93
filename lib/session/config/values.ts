// values.ts: from the words of a directive to its canonical text, and from that text to the line
// of the file. The canonical text is what the configuration keeps: for numbers the decimal (or
// octal) digits, for enumerations the words in declared order, for special directives what
// special.ts says. Error texts are valkey's.

import {
  type Directive,
  type EnumDirective,
  MULTI_ARG,
  type NumericDirective,
  type TextDirective,
} from "./directive.ts";
import {
  formatBytes,
  parseBytes,
  parseInteger,
  parseOctal,
  parsePercent,
  untilNul,
} from "./numbers.ts";
import {
  complaint,
  type FileLine,
  type Reading,
  type ReadState,
  SPECIALS,
  value,
} from "./special.ts";
import { quoteWord } from "./words.ts";

/** The longest complaint that lists the words of an enumeration. */
const COMPLAINT_CHARS_MAX = 255;

function readBool(word: string): Reading {
  const lower = untilNul(word).toLowerCase();
  return lower === "yes" || lower === "no"
    ? value(lower)
    : complaint("argument must be 'yes' or 'no'");
}

function readEnum(directive: EnumDirective, words: readonly string[]): Reading {
  const { values, synonyms } = directive;
  const several = (directive.flags & MULTI_ARG) !== 0;
  const known = new Map(values.map((word) => [word.toLowerCase(), synonyms[word] ?? word]));
  const found = words.map((word) => known.get(untilNul(word).toLowerCase()));
  if (words.length === 0 || (!several && words.length !== 1) || found.includes(undefined)) {
    const list = `argument(s) must be one of the following: ${values.join(", ")}`;
    return complaint(list.slice(0, COMPLAINT_CHARS_MAX));
  }
  if (!several) return value(found[0] ?? "");
  // The first word of a set is the one that stands for none of the others.
  const chosen = values.slice(1).filter((word) => found.includes(word));
  return value(chosen.length === 0 ? values[0] : chosen.join(" "));
}

function parseNumber(directive: NumericDirective, word: string): bigint | null {
  switch (directive.format) {
    case "integer":
      return parseInteger(word);
    case "octal":
      return parseOctal(word);
    case "memory":
      return parseBytes(word);
    case "memory-percent":
      return parseBytes(word) ?? parsePercent(word);
    case "signed-memory":
      return parseBytes(word) ?? parseInteger(word);
  }
}

const NOT_A_NUMBER = {
  "integer": "argument couldn't be parsed into an integer",
  "octal": "argument couldn't be parsed as an octal number",
  "memory": "argument must be a memory value",
  "memory-percent": "argument must be a memory or percent value",
  "signed-memory": "argument must be a memory value",
};

/** The complaint about a number outside the bounds, or "". */
function outOfBounds(directive: NumericDirective, number: bigint): string {
  const { min, max, unsigned, format } = directive;
  if (format === "memory-percent" && number < 0n) {
    return number < min ? `percentage argument must be less or equal to ${-min}` : "";
  }
  const compared = unsigned ? BigInt.asUintN(64, number) : number;
  if (compared >= min && compared <= max) return "";
  const radix = format === "octal" ? 8 : 10;
  return `argument must be between ${min.toString(radix)} and ${max.toString(radix)} inclusive`;
}

function showNumber(directive: NumericDirective, number: bigint): string {
  const { format } = directive;
  if (format === "octal") return number.toString(8);
  if (format === "memory") return BigInt.asUintN(64, number).toString();
  return format === "memory-percent" && number < 0n ? `${-number}%` : number.toString();
}

function readNumber(directive: NumericDirective, word: string): Reading {
  const parsed = parseNumber(directive, word);
  if (parsed === null) return complaint(NOT_A_NUMBER[directive.format]);
  let number = BigInt.asIntN(64, parsed);
  const error = outOfBounds(directive, number);
  if (error !== "") return complaint(error);
  if (directive.clamp !== undefined) {
    const [low, high] = directive.clamp;
    number = number < low ? low : number > high ? high : number;
  }
  return value(showNumber(directive, number));
}

function readText(directive: TextDirective, word: string): Reading {
  return value(directive.binary ? word : untilNul(word));
}

function readAny(directive: Directive, words: readonly string[], state: ReadState): Reading {
  switch (directive.type) {
    case "bool":
      return readBool(words[0]);
    case "enum":
      return readEnum(directive, words);
    case "numeric":
      return readNumber(directive, words[0]);
    case "string":
      return readText(directive, words[0]);
    case "special":
      return SPECIALS[directive.name].read(words, state);
  }
}

/**
 * Turns words into the canonical text. All but MULTI_ARG directives get exactly one word.
 * A pending directive refuses everything but its default with the reason of its declaration.
 */
export function readValue(
  directive: Directive,
  words: readonly string[],
  state: ReadState,
): Reading {
  const reading = readAny(directive, words, state);
  if (reading.error !== "") return reading;
  const error = directive.check?.(reading.text) ?? "";
  if (error !== "") return complaint(error);
  if (directive.effect === "pending" && reading.text !== directive.initial) {
    return complaint(directive.why);
  }
  return reading;
}

/** What CONFIG GET shows for a canonical text. */
export function shownValue(directive: Directive, text: string): string {
  const show = directive.type === "special" ? SPECIALS[directive.name].show : undefined;
  return show === undefined ? text : show(text);
}

/** The number a canonical text stands for: percentages negative, NaN where it is no number. */
export function numberValue(directive: Directive, text: string): number {
  if (directive.type !== "numeric") return NaN;
  if (directive.format === "octal") return parseInt(text, 8);
  return text.endsWith("%") ? -Number(text.slice(0, -1)) : Number(text);
}

function numberForFile(directive: NumericDirective, text: string): string {
  const bytes = directive.format !== "integer" && directive.format !== "octal";
  return bytes && /^[0-9]+$/.test(text) ? formatBytes(BigInt(text)) : text;
}

/** The lines a directive takes in the file; none when it must not be there. */
export function fileLines(directive: Directive, text: string): readonly FileLine[] {
  const needed = text !== directive.initial;
  switch (directive.type) {
    case "bool":
    case "enum":
      return [{ text, needed }];
    case "numeric":
      return [{ text: numberForFile(directive, text), needed }];
    case "string":
      return directive.emptyIsNone && text === "" ? [] : [{ text: quoteWord(text), needed }];
    case "special":
      return SPECIALS[directive.name].write(text, directive.initial);
  }
}
