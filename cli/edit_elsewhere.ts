// edit_elsewhere.ts: a line edited in the editor the user likes.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NEWLINE = 10;

/** The line after editing, or null when the editor failed. The file is private and removed. */
export function editElsewhere(
  line: Uint8Array,
  variables: Readonly<Record<string, string | undefined>>,
): Uint8Array | null {
  const command = (variables.VISUAL || variables.EDITOR || "vi").split(" ");
  const folder = mkdtempSync(join(tmpdir(), "valkey-cli-"));
  const file = join(folder, "line.txt");
  try {
    writeFileSync(file, line, { mode: 0o600 });
    const run = spawnSync(command[0], [...command.slice(1), file], { stdio: "inherit" });
    if (run.status !== 0) return null;
    const edited = readFileSync(file);
    const end = edited[edited.length - 1] === NEWLINE ? edited.length - 1 : edited.length;
    return new Uint8Array(edited.subarray(0, end));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
