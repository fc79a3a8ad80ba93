// preferences.ts: what the user can set with ":set" at the prompt or in the preferences file.

import { splitWords } from "./words.ts";
import { textOf, utf8 } from "./byte_writer.ts";

/** Choices of the user. */
export type Preferences = {
  /** Show the arguments still to be typed. */
  hints: boolean;
};

/**
 * Applies a line that starts with a colon and gives the text to print, "" for none. `source` is
 * put in front of complaints: "" at the prompt, the name of the file when one is read.
 */
export function changePreference(
  preferences: Preferences,
  words: readonly string[],
  pubSub: boolean,
  source: string,
): string {
  const [name, value] = words;
  if (name.toLowerCase() === ":set" && words.length >= 2) {
    if (value.toLowerCase() === "hints") preferences.hints = true;
    else if (value.toLowerCase() === "nohints") preferences.hints = false;
    else return `${source}unknown valkey-cli preference '${value}'\n`;
    return "";
  }
  if (name.toLowerCase() === ":get" && words.length >= 2) {
    if (value.toLowerCase() === "pubsub") return pubSub ? "1\n" : "0\n";
    return `${source}unknown valkey-cli get option '${value}'\n`;
  }
  return `${source}unknown valkey-cli internal command '${name}'\n`;
}

/** Applies every line of a preferences file; gives the complaints. */
export function applyPreferencesFile(preferences: Preferences, text: string): string {
  let complaints = "";
  for (const line of text.split("\n")) {
    const words = splitWords(utf8(line));
    if (words === null || words.length === 0) continue;
    complaints += changePreference(preferences, words.map(textOf), false, ".valkeyclirc: ");
  }
  return complaints;
}
