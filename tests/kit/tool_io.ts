// tool_io.ts: standard streams of a tool in memory, and a folder for its files.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromLatin1 } from "../../lib/bytes/ascii.ts";
import type { ToolIo } from "../../server/tool_io.ts";

/** Collects what a tool says; answers its questions with `input`, line by line. */
export class MemoryToolIo implements ToolIo {
  stdout = "";
  stderr = "";
  private lines: string[];

  constructor(input = "") {
    this.lines = input === "" ? [] : input.replace(/\n$/, "").split("\n");
  }

  out(text: string): void {
    this.stdout += text;
  }

  err(text: string): void {
    this.stderr += text;
  }

  line(): string | null {
    return this.lines.shift() ?? null;
  }
}

/** Makes a folder with these files (latin-1); to be removed by the caller. */
export function makeFiles(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "sigrun-"));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), fromLatin1(text));
  }
  return folder;
}

/** Runs `act` with a folder that holds these files, and removes it. */
export function withFiles<T>(
  files: Readonly<Record<string, string>>,
  act: (folder: string) => T,
): T {
  const folder = makeFiles(files);
  try {
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
