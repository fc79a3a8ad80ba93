// config_host.ts: the real world of the command line: files, working directory, standard input.
// Inside, texts are latin-1 (one character per byte); outside, paths are the runtime's strings.

import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fromLatin1, latin1 } from "../lib/bytes/ascii.ts";
import type { ConfigFile, WorkingDirectory } from "../lib/session/config/config.ts";
import type { FileSystem } from "../lib/session/config/file_loader.ts";
import type { CommandLineHost } from "./command_line.ts";

/** What operating systems say, where the runtimes say it in other words. */
const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EINVAL: "Invalid argument",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  EDQUOT: "Disk quota exceeded",
  EFBIG: "File too large",
  EIO: "Input/output error",
  ENOENT: "No such file or directory",
  ENOSPC: "No space left on device",
  ENOTDIR: "Not a directory",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
};

/** The text of bytes that came from outside as a JavaScript string. */
export function textOf(outside: string): string {
  const bytes = new TextEncoder().encode(outside);
  return latin1(bytes, 0, bytes.length);
}

/** The JavaScript string of a text, for paths. */
export function pathOf(text: string): string {
  return new TextDecoder().decode(fromLatin1(text));
}

/** The code of a system error, such as ENOENT, or "". */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** A system error in the words of the operating system, the same on either runtime. */
export function systemWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return SYSTEM_WORDS[errorCode(error)] ?? message;
}

/** Runs an operation; its errors are thrown again in the words of the operating system. */
function inSystemWords<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new Error(systemWords(error), { cause: error });
  }
}

/** Runs an operation: "" or why it failed. */
function complaintOf(run: () => void): string {
  try {
    run();
    return "";
  } catch (error) {
    return systemWords(error);
  }
}

function readText(path: string | 0): string {
  const bytes = readFileSync(path);
  return latin1(bytes, 0, bytes.length);
}

const FILES: FileSystem = {
  readText: (path) => inSystemWords(() => readText(pathOf(path))),
  list: (directory) => {
    try {
      return readdirSync(pathOf(directory)).map(textOf);
    } catch {
      // A pattern finds nothing in what cannot be listed.
      return [];
    }
  },
  tryAppend: (path) => complaintOf(() => closeSync(openSync(pathOf(path), "a"))),
};

const DIRECTORY: WorkingDirectory = {
  current: () => textOf(process.cwd()),
  change: (path) => complaintOf(() => process.chdir(pathOf(path))),
};

/** The host of a real process. */
export const PROCESS_HOST: CommandLineHost = {
  files: FILES,
  directory: DIRECTORY,
  readStdin: () => inSystemWords(() => readText(0)),
};

/** Makes a rename last: the directory's entry is on disk. Not every system can open directories. */
function syncDirectory(directory: string): void {
  let fd: number;
  try {
    fd = openSync(directory, "r");
  } catch (error) {
    if (["EACCES", "EISDIR", "EPERM"].includes(errorCode(error))) return;
    throw error;
  }
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes beside the file, syncs, renames over it, syncs the directory. */
function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, "w", 0o644);
    try {
      writeFileSync(fd, fromLatin1(text));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The configuration file of a process, for CONFIG REWRITE. `path` is absolute, latin-1. */
export function configFileAt(path: string): ConfigFile {
  const outside = pathOf(path);
  return {
    read: () => {
      try {
        return readText(outside);
      } catch (error) {
        if (errorCode(error) === "ENOENT") return null;
        throw new Error(systemWords(error), { cause: error });
      }
    },
    replace: (text) => inSystemWords(() => replaceFile(outside, text)),
  };
}
