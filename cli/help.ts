// help.ts: what HELP prints.

import type { Client } from "./client.ts";
import { type HelpEntry, type HelpTable, loadHelpTable } from "./help_table.ts";
import { syntaxOf } from "./hints.ts";
import { wantsColor } from "./color.ts";
import { versionText } from "./usage.ts";

/** Prints help on a command, a group ("@string"), or on help itself. */
export async function showHelp(client: Client, words: readonly string[]): Promise<void> {
  if (words.length === 0) {
    client.io.print(generalHelp(versionText(client.environment.version ?? "")));
    return;
  }
  client.helpTable ??= await loadHelpTable(client);
  const color = wantsColor(client.io);
  client.io.print(helpText(client.helpTable, words, color));
}

/** The text for a topic; an unknown one is an empty line. */
export function helpText(table: HelpTable, words: readonly string[], color: boolean): string {
  const group = words[0].startsWith("@") ? words[0].slice(1).toLowerCase() : null;
  const wanted = words.map((word) => word.toUpperCase());
  let text = "";
  for (const entry of table.entries) {
    const chosen = group === null
      ? wanted.every((word, index) => entry.words[index] === word)
      : entry.group.toLowerCase() === group;
    if (chosen) text += entryText(entry, group === null, color);
  }
  return text + "\r\n";
}

function entryText(entry: HelpEntry, withGroup: boolean, color: boolean): string {
  const paint = (style: string, text: string) => color ? `\x1b[${style}m${text}\x1b[0m` : text;
  let text = `\r\n  ${paint("1", entry.name)} ${paint("90", syntaxOf(entry.args))}\r\n`;
  text += `  ${paint("33", "summary:")} ${entry.summary}\r\n`;
  if (entry.since !== "") text += `  ${paint("33", "since:")} ${entry.since}\r\n`;
  if (withGroup) text += `  ${paint("33", "group:")} ${entry.group}\r\n`;
  return text;
}

function generalHelp(version: string): string {
  return `${version}
  help <command>        what a command does and its arguments
  help @<group>         all commands of a group
  help <TAB>            the topics there are
  <number> <command>    the command as often as the number says
  connect <host> <port> another server
  :set hints            show the arguments to come while typing
  :set nohints          do not
  clear                 wipe the screen
  quit                  leave (also exit, or Ctrl-D)
Lines starting with ":set" in ~/.valkeyclirc are read at the start.
`;
}
