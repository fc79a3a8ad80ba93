// files.ts: the files of the working directory, on both runtimes.

import {
  close,
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
  fsyncSync,
  mkdirSync,
  open,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rename,
  renameSync,
  rm,
  rmSync,
  statSync,
  truncateSync,
  write,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { InputFile, NameOperation, OutputFile, PlacedFiles } from "../lib/platform/mod.ts";
import { errorCode, systemWords, textOf } from "./config_host.ts";
import { type DirectoryLock, holderOf, lockDirectory } from "./directory_lock.ts";

function failing<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(systemWords(error));
  }
}

class DiskFile implements OutputFile {
  private fd: number;
  private isOpen = true;
  /** Where the next bytes go; null in a file that is only ever appended to. */
  private place: number | null;
  /** Nobody knows how much of the last write got out, or what was cut off since: the next bytes go to the end. */
  private isUnsure = false;

  constructor(fd: number, place: number | null) {
    this.fd = fd;
    this.place = place;
  }

  write(buf: Uint8Array, off: number, len: number): void {
    failing(() => {
      const place = this.take(len);
      this.isUnsure = true;
      for (let at = 0; at < len;) {
        at += writeSync(this.fd, buf, off + at, len - at, place === null ? null : place + at);
      }
      this.isUnsure = false;
    });
  }

  /** The place of the next `len` bytes. */
  private take(len: number): number | null {
    if (this.place === null) return null;
    const place = this.isUnsure ? fstatSync(this.fd).size : this.place;
    this.place = place + len;
    return place;
  }

  writeLater(buf: Uint8Array, off: number, len: number, done: (problem: string) => void): void {
    const place = this.take(len);
    const goOn = (at: number): void => {
      write(
        this.fd,
        buf,
        off + at,
        len - at,
        place === null ? null : place + at,
        (error, count) => {
          if (error) done(systemWords(error));
          else if (at + count < len) goOn(at + count);
          else done("");
        },
      );
    };
    goOn(0);
  }

  sync(): void {
    failing(() => fdatasyncSync(this.fd));
  }

  syncLater(done: (problem: string) => void): void {
    fdatasync(this.fd, (error) => done(error === null ? "" : systemWords(error)));
  }

  close(): void {
    if (this.isOpen) closeSync(this.fd);
    this.isOpen = false;
  }
}

class DiskInput implements InputFile {
  readonly size: number;
  private fd: number;
  private isOpen = true;

  constructor(fd: number) {
    this.fd = fd;
    this.size = fstatSync(fd).size;
  }

  read(buf: Uint8Array, off: number, len: number): number {
    return failing(() => readSync(this.fd, buf, off, len, null));
  }

  close(): void {
    if (this.isOpen) closeSync(this.fd);
    this.isOpen = false;
  }
}

/** Opens a file at any path for reading; null when there is none. */
export function openInput(path: string): InputFile | null {
  try {
    return new DiskInput(openSync(path, "r"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw new Error(systemWords(error), { cause: error });
  }
}

/** A descriptor of the file, -1 when it cannot be opened. */
function openOrNot(path: string): number {
  try {
    return openSync(path, "r");
  } catch {
    return -1;
  }
}

/** Files of a directory, or of the process's working directory, wherever that is at the time. */
export class DiskFiles implements PlacedFiles {
  private directory: string | null;
  private claims: Map<string, DirectoryLock>;

  constructor(directory: string | null = null, claims = new Map<string, DirectoryLock>()) {
    this.directory = directory;
    this.claims = claims;
  }

  here(): PlacedFiles {
    return new DiskFiles(process.cwd(), this.claims);
  }

  follow(): void {
    this.directory = process.cwd();
  }

  private path(name: string): string {
    return join(this.directory ?? process.cwd(), name);
  }

  claim(alone: boolean): string {
    const directory = process.cwd();
    if (!this.claims.has(directory)) {
      const lock = lockDirectory(directory);
      if (lock === null) {
        return `Another server${holderOf(directory)} keeps its data in ${textOf(directory)}: ` +
          "each needs a directory of its own, see the directive 'dir'";
      }
      this.claims.set(directory, lock);
    }
    if (!alone) return "";
    for (const [other, lock] of this.claims) {
      if (other === directory) continue;
      lock.release();
      this.claims.delete(other);
    }
    return "";
  }

  create(name: string): OutputFile {
    return new DiskFile(failing(() => openSync(this.path(name), "w", 0o644)), 0);
  }

  append(name: string): OutputFile {
    return new DiskFile(failing(() => openSync(this.path(name), "a", 0o644)), null);
  }

  read(name: string): Uint8Array | null {
    if (!existsSync(this.path(name))) return null;
    const bytes = failing(() => readFileSync(this.path(name)));
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  open(name: string): InputFile | null {
    return openInput(this.path(name));
  }

  list(directory: string): string[] {
    if (!existsSync(this.path(directory))) return [];
    return failing(() => readdirSync(this.path(directory)));
  }

  rename(from: string, to: string): void {
    failing(() => renameSync(this.path(from), this.path(to)));
  }

  remove(name: string): void {
    const path = this.path(name);
    // Who closes a file without a name frees what it took, which for a large one takes long: somebody else shall.
    const fd = process.platform === "win32" ? -1 : openOrNot(path);
    try {
      rmSync(path, { force: true });
    } finally {
      if (fd >= 0) close(fd, () => {});
    }
  }

  size(name: string): number {
    return statSync(this.path(name), { throwIfNoEntry: false })?.size ?? -1;
  }

  truncate(name: string, size: number): void {
    failing(() => truncateSync(this.path(name), size));
  }

  makeDirectory(name: string): void {
    failing(() => mkdirSync(this.path(name), { recursive: true, mode: 0o755 }));
  }

  syncDirectory(name: string): void {
    // Windows opens no directories; its renames need no such thing.
    if (process.platform === "win32") return;
    failing(() => {
      const fd = openSync(this.path(name), "r");
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    });
  }

  later(operation: NameOperation, done: (problem: string) => void): void {
    const ended = (error: unknown) => done(error ? systemWords(error) : "");
    if (operation.kind === "rename") {
      rename(this.path(operation.from), this.path(operation.to), ended);
    } else if (operation.kind === "remove") {
      rm(this.path(operation.name), { force: true }, ended);
    } else if (process.platform === "win32") {
      ended(null);
    } else {
      open(this.path(operation.name), "r", (error, fd) => {
        if (error) return ended(error);
        fsync(fd, (problem) => close(fd, () => ended(problem)));
      });
    }
  }
}
