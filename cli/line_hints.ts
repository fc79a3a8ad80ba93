// line_hints.ts: the hint and the completions for a line as it is being typed.

import { textOf } from "./byte_writer.ts";
import type { HelpEntry, HelpTable } from "./help_table.ts";
import { hintFor, nextTokens } from "./hints.ts";
import { locateWords, type Word } from "./words.ts";

/** Candidates for the bytes [from, to) of a line. */
export type LineCompletions = {
  from: number;
  to: number;
  candidates: { text: string }[];
};

/** Words the client understands itself. */
const OWN_WORDS = ["CLEAR", "CONNECT", "EXIT", "HELP", "QUIT"];

/**
 * What is still to be typed, "" when nothing is; null when the line starts with no known command.
 * The last word counts only once a blank follows it.
 */
export function hintForLine(table: HelpTable, line: Uint8Array): string | null {
  const words = commandWords(line);
  if (words === null) return null;
  if (!endsInBlank(line)) words.pop();
  const texts = words.map((word) => textOf(word.bytes));
  const entry = table.find(texts);
  if (entry === null) return null;
  return hintFor(entry.args, texts.slice(entry.words.length));
}

/** What TAB offers at the cursor, or null. */
export function completionsFor(
  table: HelpTable,
  line: Uint8Array,
  cursor: number,
): LineCompletions | null {
  const before = line.subarray(0, cursor);
  const words = commandWords(before);
  if (words === null) return null;
  const open = endsInBlank(before) ? undefined : words.pop();
  const typed = open === undefined ? "" : textOf(open.bytes);
  const texts = words.map((word) => textOf(word.bytes));
  const from = open === undefined ? cursor : open.off;
  const names = texts.length > 0 && texts[0].toLowerCase() === "help"
    ? helpTopics(table, texts.slice(1))
    : nextWords(table, texts);
  const candidates = names.filter((name) =>
    name.startsWith(typed.toUpperCase()) ||
    name.toLowerCase().startsWith(typed.toLowerCase())
  )
    .map((name) => ({ text: inCaseOf(typed, name) }));
  return candidates.length === 0 ? null : { from, to: cursor, candidates };
}

/** The words of a line without a count in front; null for an open quote. */
function commandWords(line: Uint8Array): Word[] | null {
  const words = locateWords(line);
  if (words === null || words.length < 2) return words;
  return /^\d+$/.test(textOf(words[0].bytes)) ? words.slice(1) : words;
}

function endsInBlank(line: Uint8Array): boolean {
  if (line.length === 0) return true;
  const last = line[line.length - 1];
  return last === 0x20 || (last >= 9 && last <= 13);
}

/** Words that may come next: names of commands, of subcommands, tokens of arguments. */
function nextWords(table: HelpTable, words: readonly string[]): string[] {
  if (words.length === 0) {
    const names = table.entries.filter((entry) => entry.words.length === 1).map(nameOf);
    return [...new Set([...names, ...OWN_WORDS])].sort();
  }
  const subcommands = words.length === 1 ? subcommandsOf(table, words[0]) : [];
  const entry = table.find(words);
  const tokens = entry === null ? [] : nextTokens(entry.args, words.slice(entry.words.length));
  return [...subcommands, ...tokens];
}

function helpTopics(table: HelpTable, words: readonly string[]): string[] {
  if (words.length === 1) return subcommandsOf(table, words[0]);
  if (words.length > 1) return [];
  const groups = table.groups().map((group) => `@${group}`);
  return [...groups, ...nextWords(table, []).filter((name) => !OWN_WORDS.includes(name))];
}

function subcommandsOf(table: HelpTable, container: string): string[] {
  const name = container.toUpperCase();
  return table.entries.filter((entry) => entry.words.length === 2 && entry.words[0] === name)
    .map((entry) => entry.words[1]);
}

function nameOf(entry: HelpEntry): string {
  return entry.words[0];
}

/** Names are offered in lower case to those who type lower case. */
function inCaseOf(typed: string, name: string): string {
  const lower = /[a-z]/.test(typed) && !/[A-Z]/.test(typed);
  return lower ? name.toLowerCase() : name;
}
