// directive.ts: what a configuration directive is: its kinds, its flags, whether it does anything
// yet, and the short functions the theme files (directives_*.ts) declare them with.
//
// A declaration is data. Reading, checking and showing values is values.ts; holding them is
// config.ts; finding a declaration by name is registry.ts.

// Flags, bits of Directive.flags.
/** Settable in the file and on the command line only. */
export const IMMUTABLE = 1 << 0;
/** CONFIG SET needs enable-protected-configs. */
export const PROTECTED = 1 << 1;
/** The value must not be shown in logs, MONITOR or the command log. */
export const SENSITIVE = 1 << 2;
/** Applied again even when the same value is set. */
export const VOLATILE = 1 << 3;
/** CONFIG GET shows it for its exact name only, not for a pattern. */
export const HIDDEN = 1 << 4;
/** Takes any number of words; also one text of words between blanks. */
export const MULTI_ARG = 1 << 5;
/** Refused while a data file is being loaded. */
export const DENY_LOADING = 1 << 6;
/** Worth showing in a crash report. */
export const DEBUG = 1 << 7;

/** Names of the flags, by bit number; for documentation. */
export const FLAG_NAMES: readonly string[] = [
  "immutable",
  "protected",
  "sensitive",
  "volatile",
  "hidden",
  "multi-arg",
  "deny-loading",
  "debug",
];

export const INT_MAX = 2147483647n;
export const INT_MIN = -2147483648n;
export const UINT_MAX = 4294967295n;
export const LONG_MAX = 9223372036854775807n;
export const ULONG_MAX = 18446744073709551615n;
export const PORT_MAX = 65535n;
export const KIB = 1024n;
export const MIB = 1024n * 1024n;
export const GIB = 1024n * 1024n * 1024n;

/**
 * What setting a directive does today.
 * "built": what its documentation says.
 * "accepted": kept, shown and rewritten; `why` says what is missing. Harmless.
 * "pending": only the default is taken; `why` is the refusal. For what would be a false promise
 * about safety or security.
 */
export type Effect = "built" | "accepted" | "pending";

export interface EffectNote {
  readonly effect: Effect;
  /** One sentence without a full stop; empty for "built". */
  readonly why: string;
}

export const BUILT: EffectNote = { effect: "built", why: "" };

export function accepted(why: string): EffectNote {
  return { effect: "accepted", why };
}

export function pending(why: string): EffectNote {
  return { effect: "pending", why };
}

/** What every directive has. Texts are latin-1: one character per byte. */
export interface DirectiveBase extends EffectNote {
  /** Lower case. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly flags: number;
  /** The default, as CONFIG GET shows it. */
  readonly initial: string;
  /** The complaint about a value that is well formed but not allowed; "" when it is fine. */
  readonly check?: (text: string) => string;
}

export interface BoolDirective extends DirectiveBase {
  readonly type: "bool";
}

/** One of several words; with MULTI_ARG any set of them, kept in the order of `values`. */
export interface EnumDirective extends DirectiveBase {
  readonly type: "enum";
  readonly values: readonly string[];
  /** Words that mean another one, which is the one shown. */
  readonly synonyms: Readonly<Record<string, string>>;
}

/**
 * How numbers are written. "integer": plain decimal. "memory": also b, k, kb, m, mb, g, gb.
 * "memory-percent": also N%, held as -N. "signed-memory": also a plain negative number.
 * "octal": base 8 in both directions.
 */
export type NumberFormat = "integer" | "memory" | "memory-percent" | "signed-memory" | "octal";

export type Unit =
  | "bytes"
  | "bytes-or-percent"
  | "count"
  | "entries-or-size-class"
  | "factor"
  | "id"
  | "microseconds"
  | "milliseconds"
  | "minutes"
  | "octal-mode"
  | "per-second"
  | "percent"
  | "seconds"
  | "tcp-port";

export interface NumericDirective extends DirectiveBase {
  readonly type: "numeric";
  readonly format: NumberFormat;
  readonly unit: Unit;
  readonly min: bigint;
  readonly max: bigint;
  /** Bounds are compared as unsigned 64-bit numbers. */
  readonly unsigned: boolean;
  /** Values outside are taken and moved to the nearer end. */
  readonly clamp?: readonly [low: bigint, high: bigint];
}

export interface TextDirective extends DirectiveBase {
  readonly type: "string";
  /** The empty text means "none": it is not written to the file. */
  readonly emptyIsNone: boolean;
  /** Holds any bytes; the others end at a zero byte. */
  readonly binary: boolean;
}

/** Directives with rules of their own; special.ts knows them by name. */
export interface SpecialDirective extends DirectiveBase {
  readonly type: "special";
}

export type Directive =
  | BoolDirective
  | EnumDirective
  | NumericDirective
  | TextDirective
  | SpecialDirective;

/** Rarer parts of a declaration. */
export interface Extras {
  aliases?: readonly string[];
  flags?: number;
  check?: (text: string) => string;
}

function base(name: string, initial: string, note: EffectNote, extras: Extras): DirectiveBase {
  const { aliases = [], flags = 0, check } = extras;
  return { name, aliases, flags, initial, check, effect: note.effect, why: note.why };
}

/** A yes/no directive. */
export function bool(
  name: string,
  initial: "yes" | "no",
  note: EffectNote,
  extras: Extras = {},
): BoolDirective {
  return { ...base(name, initial, note, extras), type: "bool" };
}

/** One of several words. */
export function oneOf(
  name: string,
  values: readonly string[],
  initial: string,
  note: EffectNote,
  extras: Extras & { synonyms?: Readonly<Record<string, string>> } = {},
): EnumDirective {
  const { synonyms = {} } = extras;
  return { ...base(name, initial, note, extras), type: "enum", values, synonyms };
}

export interface NumberExtras extends Extras {
  format?: NumberFormat;
  unsigned?: boolean;
  clamp?: readonly [low: bigint, high: bigint];
}

/** A number in [min, max]. */
export function number(
  name: string,
  initial: bigint,
  min: bigint,
  max: bigint,
  unit: Unit,
  note: EffectNote,
  extras: NumberExtras = {},
): NumericDirective {
  const { format = "integer", unsigned = false, clamp } = extras;
  const text = format === "octal" ? initial.toString(8) : initial.toString();
  return {
    ...base(name, text, note, extras),
    type: "numeric",
    format,
    unit,
    min,
    max,
    unsigned,
    clamp,
  };
}

/** A count of bytes with the usual suffixes. */
export function memory(
  name: string,
  initial: bigint,
  min: bigint,
  max: bigint,
  note: EffectNote,
  extras: NumberExtras = {},
): NumericDirective {
  return number(name, initial, min, max, "bytes", note, { format: "memory", ...extras });
}

/** A text whose empty value means "none". */
export function optionalText(
  name: string,
  note: EffectNote,
  extras: Extras & { binary?: boolean } = {},
): TextDirective {
  const { binary = false } = extras;
  return { ...base(name, "", note, extras), type: "string", emptyIsNone: true, binary };
}

/** A text that may be empty. */
export function text(
  name: string,
  initial: string,
  note: EffectNote,
  extras: Extras & { binary?: boolean } = {},
): TextDirective {
  const { binary = false } = extras;
  return { ...base(name, initial, note, extras), type: "string", emptyIsNone: false, binary };
}

/** A directive with rules of its own (special.ts). */
export function special(
  name: string,
  initial: string,
  note: EffectNote,
  extras: Extras = {},
): SpecialDirective {
  return { ...base(name, initial, note, extras), type: "special" };
}
