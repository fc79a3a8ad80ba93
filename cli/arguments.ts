// arguments.ts: the words of the command line as bytes.
//
// Both runtimes hand arguments out as text and replace bytes that are no UTF-8. Where the system
// shows a process its own command line, the bytes are taken from there instead, so that a key
// that is no text can be named on the command line.

import { readFileSync } from "node:fs";
import { utf8 } from "./byte_writer.ts";

const REPLACEMENT = "\ufffd";
const OWN_COMMAND_LINE = "/proc/self/cmdline";

/** The words from index `first` on, as bytes. */
export function wordsOf(args: readonly string[], first: number): Uint8Array[] {
  const words = args.slice(first);
  if (!words.some((word) => word.includes(REPLACEMENT))) return words.map(utf8);
  const exact = ownCommandLine();
  // The words given may not be those of the process; then the tails do not agree.
  const tail = exact.slice(exact.length - args.length);
  const decoder = new TextDecoder();
  const same = tail.length === args.length &&
    tail.every((bytes, index) => decoder.decode(bytes) === args[index]);
  return same ? tail.slice(first) : words.map(utf8);
}

function ownCommandLine(): Uint8Array[] {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(OWN_COMMAND_LINE);
  } catch {
    return []; // not a system that has it
  }
  const words: Uint8Array[] = [];
  let off = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, off)) {
    words.push(new Uint8Array(bytes.subarray(off, end)));
    off = end + 1;
  }
  return words;
}
