// log.ts: log lines in Valkey's format: "pid:role day month year time level text".

import { closeSync, openSync, writeSync } from "node:fs";
import type { Log, LogLevel } from "../lib/platform/mod.ts";

const MARKS = [".", "-", "*", "#"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const TEXT_MAX = 1024;

/** Writes lines at or above a level to a file, or to standard output when the path is "". */
export class FileLog implements Log {
  level: LogLevel = 2;
  private path: string;
  private pid: number;

  constructor(path: string, pid: number) {
    this.path = path;
    this.pid = pid;
  }

  write(level: LogLevel, text: string): void {
    if (level < this.level) return;
    const stamp = logTime(new Date());
    const shown = text.length > TEXT_MAX * 8 ? text.slice(0, TEXT_MAX * 8) : text;
    this.raw(`${this.pid}:M ${stamp} ${MARKS[level]} ${shown}\n`);
  }

  /** Writes text as it is. */
  raw(text: string): void {
    const bytes = new TextEncoder().encode(text);
    // Opened anew for each line, so that log rotation by renaming works.
    let fd = 1;
    try {
      if (this.path !== "") fd = openSync(this.path, "a", 0o644);
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    } catch {
      // Nowhere to complain: the log itself cannot be written, and the server must go on.
    } finally {
      if (fd !== 1) closeSync(fd);
    }
  }
}

/** "22 Nov 2026 17:45:51.123" in local time. */
export function logTime(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
