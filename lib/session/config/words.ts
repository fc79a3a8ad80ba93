// words.ts: lines of the configuration file to words and back, as latin-1 texts.

import { fromLatin1, latin1, quotedString } from "../../bytes/ascii.ts";
import { lineSplit } from "../../codec/inline_splitter.ts";

/** The words of a line, quotes and escapes resolved; null when a quote is not closed properly. */
export function splitWords(line: string): string[] | null {
  const bytes = fromLatin1(line);
  const text = new Uint8Array(bytes.length);
  const offs = new Int32Array((bytes.length >> 1) + 1);
  const lens = new Int32Array((bytes.length >> 1) + 1);
  const count = lineSplit(bytes, 0, bytes.length, text, offs, lens);
  if (count < 0) return null;
  const words: string[] = [];
  for (let i = 0; i < count; i++) words.push(latin1(text, offs[i], lens[i]));
  return words;
}

/** A word between double quotes, escaped so that `splitWords` gives it back. */
export function quoteWord(word: string): string {
  const bytes = fromLatin1(word);
  return quotedString(bytes, 0, bytes.length);
}

/** The word itself where a line may hold it as it is, else the quoted word. */
export function quoteWordIfNeeded(word: string): string {
  return /^[!#-&(-[\]-~]+$/.test(word) ? word : quoteWord(word);
}
