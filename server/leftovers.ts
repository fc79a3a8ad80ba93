// leftovers.ts: files that a process was writing when it was killed. They are never read, have names of their own, and are
// removed by the next server of the directory, which must be its alone (directory_lock.ts).
//
//   temp-PID-N.rdb                  a snapshot
//   temp-rewriteaof-bg-PID-N.aof    the base of a rewrite; without N that of other servers
//   APPENDDIR/temp-APPENDFILE...    a list, a first file of changes, a base of the start

import { discard } from "../lib/persist/saver.ts";
import type { Files } from "../lib/platform/mod.ts";

const UNFINISHED = /^temp-(?:\d+-\d+\.rdb|rewriteaof-bg-\d+(?:-\d+)?\.aof)$/;

/** Removes what is left over, as far as the disk lets us. Returns the names. */
export function removeLeftovers(files: Files, aofDirectory: string, aofName: string): string[] {
  const left = namesIn(files, "").filter((name) => UNFINISHED.test(name));
  for (const name of namesIn(files, aofDirectory)) {
    if (name.startsWith(`temp-${aofName}.`)) left.push(`${aofDirectory}/${name}`);
  }
  for (const name of left) discard(files, name);
  return left;
}

function namesIn(files: Files, directory: string): string[] {
  try {
    return files.list(directory);
  } catch {
    return [];
  }
}
