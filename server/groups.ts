// groups.ts: groups of the operating system, by name: the directive unixsocketgroup.
//
// Runtimes know numbers only. Names are looked up in the file of groups, one a line:
//
//   name:password:number:members
//
// Groups that only a directory service knows are given by their numbers.

import { chownSync, existsSync, readFileSync, statSync } from "node:fs";
import { systemWords } from "./config_host.ts";

const GROUP_FILE = "/etc/group";
const NUMBER_MAX = 2 ** 32 - 2;

/** The number of a group, from the text of a file of groups; -1 when there is none of this name. */
export function groupNumber(name: string, text: string): number {
  for (const row of text.split("\n")) {
    const [known, , number] = row.split(":");
    if (known === name && /^\d+$/.test(number ?? "")) return Number(number);
  }
  return /^\d+$/.test(name) && Number(name) <= NUMBER_MAX ? Number(name) : -1;
}

/** Gives a file to a group; the owner stays. Throws an Error that says why where that cannot be. */
export function giveToGroup(path: string, name: string): void {
  const text = existsSync(GROUP_FILE) ? readFileSync(GROUP_FILE, "latin1") : "";
  const group = groupNumber(name, text);
  if (group < 0) throw new Error(`there is no group '${name}'`);
  try {
    chownSync(path, statSync(path).uid, group);
  } catch (error) {
    throw new Error(`group '${name}': ${systemWords(error)}`);
  }
}
