// log.ts: log lines in Valkey's formats.
//
//   legacy   pid:role time level text
//   logfmt   pid=1 role=primary timestamp="time" level=notice message="text"
//   json     {"pid":1,"role":"primary","timestamp":"time","level":"notice","message":"text"}
//
//   time     legacy 22 Nov 2026 17:45:51.123   iso8601 2026-11-22T17:45:51.123+01:00   milliseconds 1795365951123

import { closeSync, openSync, writeSync } from "node:fs";
import type { Log, LogLevel } from "../lib/platform/mod.ts";

const MARKS = [".", "-", "*", "#"];
const LEVELS = ["debug", "info", "notice", "warning"];
const ROLE = "primary";
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const TEXT_MAX = 1024;

/** Writes lines at or above a level to a file, or to standard output when the path is "". */
export class FileLog implements Log {
  level: LogLevel = 2;
  format = "legacy";
  timestamps = "legacy";
  private path: string;
  private pid: number;

  constructor(path: string, pid: number) {
    this.path = path;
    this.pid = pid;
  }

  write(level: LogLevel, text: string): void {
    if (level < this.level) return;
    const most = text.length > TEXT_MAX * 8 ? text.slice(0, TEXT_MAX * 8) : text;
    this.raw(this.line(level, most, new Date()) + "\n");
  }

  /** A line without its end. */
  line(level: LogLevel, text: string, date: Date): string {
    const { pid, format } = this;
    const timestamp = this.timestamps === "milliseconds"
      ? String(date.getTime())
      : this.timestamps === "iso8601"
      ? isoTime(date)
      : logTime(date);
    if (format === "legacy") return `${pid}:M ${timestamp} ${MARKS[level]} ${text}`;
    const message = text;
    if (format === "json") {
      return JSON.stringify({ pid, role: ROLE, timestamp, level: LEVELS[level], message });
    }
    const safe = message.replace(/"/g, "'").replace(/[\r\n]/g, " ");
    return `pid=${pid} role=${ROLE} timestamp="${timestamp}" level=${
      LEVELS[level]
    } message="${safe}"`;
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

/** "2026-11-22T17:45:51.123+01:00" in local time. */
export function isoTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  const minutes = Math.abs(offset);
  return `${local}${offset < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** "22 Nov 2026 17:45:51.123" in local time. */
export function logTime(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** A text with its control characters escaped. */
export function shown(text: string): string {
  return text.replace(
    // deno-lint-ignore no-control-regex
    /[\x00-\x1f\x7f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
