// key_names.ts: names of keys, from control bytes and from the bodies of CSI and SS3 sequences.
//
// NAMES  modifiers in the order ctrl-, alt-, then the key: letters in small, signs as they are,
//        enter tab backspace escape space up down left right home end insert delete page-up
//        page-down f1.. ; shift-tab and shift-enter are the only names with shift, elsewhere shift
//        changes nothing. The empty name means: swallow.
//
// EXAMPLE body "1;5D" -> ctrl-left;  "97;5u" -> ctrl-a;  "27;3;98~" -> alt-b;  "3^" -> ctrl-delete

import { utf8Encode } from "./utf8.ts";

/** A named key, or text to insert when the name is "text". */
export interface NamedKey {
  name: string;
  text?: Uint8Array;
}

const SWALLOWED: NamedKey = { name: "" };

const CURSOR_KEYS: Record<string, string> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "shift-tab",
};

const TILDE_KEYS: Record<string, string> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "page-up",
  6: "page-down",
  7: "home",
  8: "end",
  200: "paste-start",
};

/** rxvt: small letters are shifted cursor keys after CSI, control ones after SS3. */
const RXVT_KEYS: Record<string, string> = { a: "up", b: "down", c: "right", d: "left" };

const KEYPAD_TEXT: Record<string, string> = {
  j: "*",
  k: "+",
  l: ",",
  m: "-",
  n: ".",
  o: "/",
  p: "0",
  q: "1",
  r: "2",
  s: "3",
  t: "4",
  u: "5",
  v: "6",
  w: "7",
  x: "8",
  y: "9",
  X: "=",
};

/** kitty's functional keys that mean something here; 57399 up are the keypad. */
const KITTY_KEYS: Record<number, string> = {
  57414: "enter",
  57417: "left",
  57418: "right",
  57419: "up",
  57420: "down",
  57421: "page-up",
  57422: "page-down",
  57423: "home",
  57424: "end",
  57425: "insert",
  57426: "delete",
};
const KITTY_KEYPAD_FIRST = 57399;
const KITTY_KEYPAD_TEXT = "0123456789./*-+";
const PRIVATE_USE_FIRST = 0xe000;
const PRIVATE_USE_LAST = 0xf8ff;

const SHIFT = 1;
const ALT = 2;
const CTRL = 4;
const SUPER_HYPER_META = 8 | 16 | 32;
const RELEASE = 3;

/** Name of a control byte (00..1f without 1b, 7f). */
export function legacyControlName(byte: number): string {
  if (byte === 0x09) return "tab";
  if (byte === 0x0a || byte === 0x0d) return "enter";
  if (byte === 0x7f) return "backspace";
  if (byte === 0x00) return "ctrl-space";
  return "ctrl-" + String.fromCharCode(byte | 0x40).toLowerCase();
}

/** Key of an SS3 sequence, its body without ESC O. */
export function ss3Key(body: string): NamedKey {
  const final = body[body.length - 1];
  if (final === "M") return { name: "enter" };
  if (final in RXVT_KEYS) return { name: "ctrl-" + RXVT_KEYS[final] };
  if (final in KEYPAD_TEXT) return { name: "text", text: utf8Encode(KEYPAD_TEXT[final]) };
  const name = CURSOR_KEYS[final] ?? "";
  return { name: withModifiers(name, Number(body.slice(0, -1).split(";").at(-1)) || 1) };
}

/** Key of a CSI sequence, its body without ESC [. */
export function csiKey(body: string): NamedKey {
  const final = body[body.length - 1];
  const parameters = body.slice(0, -1);
  if (/[^0-9;:]/.test(parameters)) return SWALLOWED;
  const fields = parameters.split(";");
  const modifiers = Number((fields[1] ?? "").split(":")[0]) || 1;
  if (Number((fields[1] ?? "").split(":")[1]) === RELEASE) return SWALLOWED;
  if (final === "u") return codeKey(fields[0], modifiers, fields[2] ?? "");
  if (final === "~" && fields[0] === "27" && fields.length === 3) {
    return codeKey(fields[2], modifiers, "");
  }
  if (fields.length > 2) return SWALLOWED;
  if (final === "~") return { name: withModifiers(TILDE_KEYS[fields[0]] ?? "", modifiers) };
  if (final === "$") return { name: TILDE_KEYS[fields[0]] ?? "" };
  if (final === "^" || final === "@") {
    return { name: withModifiers(TILDE_KEYS[fields[0]] ?? "", 1 + CTRL) };
  }
  if (final in RXVT_KEYS && parameters === "") return { name: RXVT_KEYS[final] };
  if (final === "R" || final === "P" || final === "Q" || final === "S") {
    return { name: fields[0] === "1" ? withModifiers(CURSOR_KEYS[final], modifiers) : "" };
  }
  return { name: withModifiers(CURSOR_KEYS[final] ?? "", modifiers) };
}

/** Adds ctrl- and alt- to the name of a key that is no character. `modifiers` is 1 + bits. */
function withModifiers(name: string, modifiers: number): string {
  if (name === "" || name === "paste-start") return name;
  const bits = modifiers - 1;
  return (bits & CTRL ? "ctrl-" : "") + (bits & ALT ? "alt-" : "") + name;
}

/** Key given by a code point and modifiers (CSI u). `text` lists the code points it produces. */
function codeKey(codes: string, modifiers: number, text: string): NamedKey {
  const [code, shifted] = codes.split(":").map(Number);
  const bits = modifiers - 1;
  const special = specialCode(code, bits);
  if (special !== undefined) return special;
  if (code < 0x20 || (code >= PRIVATE_USE_FIRST && code <= PRIVATE_USE_LAST)) return SWALLOWED;
  if (!isScalar(code) || bits & SUPER_HYPER_META) return SWALLOWED;
  if ((bits & (CTRL | ALT)) === 0) return typed(code, shifted, text, bits);
  const base = bits & SHIFT && isScalar(shifted) && !isLetter(code) ? shifted : code;
  const letter = base === 0x20 ? "space" : String.fromCodePoint(base).toLowerCase();
  const shift = bits & SHIFT && bits & CTRL ? "shift-" : "";
  return { name: (bits & CTRL ? "ctrl-" : "") + (bits & ALT ? "alt-" : "") + shift + letter };
}

function specialCode(code: number, bits: number): NamedKey | undefined {
  const named = (name: string) => ({ name: withModifiers(name, bits + 1) });
  if (code === 13) return bits === SHIFT ? { name: "shift-enter" } : named("enter");
  if (code === 9) return bits & SHIFT ? { name: "shift-tab" } : named("tab");
  if (code === 27) return { name: "escape" };
  if (code === 8 || code === 127) return named("backspace");
  if (code in KITTY_KEYS) return named(KITTY_KEYS[code]);
  const keypad = KITTY_KEYPAD_TEXT[code - KITTY_KEYPAD_FIRST];
  return keypad === undefined ? undefined : { name: "text", text: utf8Encode(keypad) };
}

/** Text of a character key without Ctrl and Alt. */
function typed(code: number, shifted: number, text: string, bits: number): NamedKey {
  const points = text === "" ? [] : text.split(":").map(Number).filter(isScalar);
  if (points.length > 0) {
    return { name: "text", text: utf8Encode(String.fromCodePoint(...points)) };
  }
  const plain = String.fromCodePoint(bits & SHIFT && isScalar(shifted) ? shifted : code);
  const shift = bits & SHIFT && !isScalar(shifted);
  return { name: "text", text: utf8Encode(shift ? plain.toUpperCase() : plain) };
}

function isLetter(code: number): boolean {
  const upper = code & ~0x20;
  return upper >= 0x41 && upper <= 0x5a;
}

function isScalar(code: number): boolean {
  return code >= 0x20 && code !== 0x7f && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}
