// fault_files.ts: a FaultDisk as one process sees it: the operations, each of which may fail, be the last, or come too late.

import type { InputFile, NameOperation, OutputFile, PlacedFiles } from "../../lib/platform/mod.ts";
import type { FaultDisk } from "./fault_disk.ts";
import { contentsOf, type Node, nodeOf, type Op, WORDS } from "./fault_node.ts";
import { inputOf, performNamed, problemOf } from "./memory_files.ts";

/** The disk as one process sees it. */
export class ProcessFiles implements PlacedFiles {
  private disk: FaultDisk;
  private life: number;

  constructor(disk: FaultDisk, life: number) {
    this.disk = disk;
    this.life = life;
  }

  here(): PlacedFiles {
    return this;
  }

  follow(): void {}

  /** A process has the disk for itself: the one before is dead. */
  claim(): string {
    return "";
  }

  private step(what: string, act: () => void, part?: () => void): void {
    this.disk.step(this.life, what, act, part);
  }

  create(name: string): OutputFile {
    return this.opened(`create ${name}`, name, (node) => this.disk.cut(node, 0));
  }

  append(name: string): OutputFile {
    return this.opened(`open ${name}`, name, () => {});
  }

  private opened(what: string, name: string, then: (node: Node) => void): OutputFile {
    const { disk } = this;
    let node = nodeOf(new Uint8Array(0));
    this.step(what, () => {
      disk.refuse("handles", "readonly");
      if (disk.nodeOf(name) === undefined) disk.refuse("full", "quota");
      node = disk.link(name);
      then(node);
    });
    return this.output(name, node);
  }

  private output(name: string, node: Node): OutputFile {
    const { disk, life } = this;
    const write = (buf: Uint8Array, off: number, len: number) => {
      const bytes = buf.slice(off, off + len);
      const part = () => disk.write(node, bytes.subarray(0, disk.random.below(len + 1)));
      this.step(`write ${len} ${name}`, () => {
        for (const fault of ["full", "quota", "write", "readonly"] as const) {
          if (!disk.hits(fault)) continue;
          if (fault !== "readonly" && disk.random.chance(0.7)) part();
          disk.fail(fault);
        }
        disk.write(node, bytes);
      }, part);
    };
    return {
      write,
      writeLater: (buf, off, len, done) => {
        if (!disk.isAlive(life)) return;
        const problem = problemOf(() => write(buf, off, len));
        disk.later(() => disk.isAlive(life) && done(problem));
      },
      sync: () => {
        this.step(`sync ${name}`, () => {
          disk.syncTakes();
          if (disk.hits("sync")) {
            disk.forget(node, node.ops.length);
            disk.fail("sync");
          }
          disk.synced(node, node.ops.length, contentsOf(node));
        });
      },
      syncLater: (done) => {
        if (!disk.isAlive(life)) return;
        const last = node.ops.at(-1);
        const contents = contentsOf(node);
        disk.later(() => this.syncEnded(name, node, last, contents, done));
      },
      close: () => {},
    };
  }

  /** A sync in the background is through: what was written when it was asked for is safe. */
  private syncEnded(
    name: string,
    node: Node,
    last: Op | undefined,
    contents: Uint8Array,
    done: (problem: string) => void,
  ): void {
    const { disk } = this;
    if (!disk.isAlive(this.life)) return;
    let problem = "";
    this.step(`sync ${name}`, () => {
      const count = last === undefined ? 0 : node.ops.indexOf(last) + 1;
      if (disk.hits("sync")) {
        disk.forget(node, count);
        problem = WORDS.sync;
      } else if (count > 0) {
        disk.synced(node, count, contents);
      }
    });
    done(problem);
  }

  read(name: string): Uint8Array | null {
    const node = this.disk.nodeOf(name);
    if (node === undefined || !this.disk.isAlive(this.life)) return null;
    this.disk.refuse("handles");
    return contentsOf(node).slice();
  }

  open(name: string): InputFile | null {
    const contents = this.read(name);
    return contents === null ? null : inputOf(contents);
  }

  list(directory: string): string[] {
    this.disk.refuse("handles");
    return this.disk.namesIn(directory);
  }

  size(name: string): number {
    return this.disk.nodeOf(name)?.size ?? -1;
  }

  truncate(name: string, size: number): void {
    const node = this.disk.nodeOf(name);
    if (node === undefined) this.disk.fail("missing");
    this.step(`cut ${name} to ${size}`, () => {
      this.disk.refuse("cut", "readonly");
      this.disk.cut(node, size);
    });
  }

  rename(from: string, to: string): void {
    this.step(`rename ${from} to ${to}`, () => {
      this.disk.refuse("rename", "readonly");
      this.disk.rename(from, to);
    });
  }

  remove(name: string): void {
    if (this.disk.nodeOf(name) === undefined) return;
    this.step(`remove ${name}`, () => {
      this.disk.refuse("readonly");
      this.disk.unlink(name);
    });
  }

  makeDirectory(name: string): void {
    if (this.disk.hasDirectory(name)) return;
    this.step(`make ${name}/`, () => {
      this.disk.refuse("full", "quota", "readonly");
      this.disk.addDirectory(name);
    });
  }

  syncDirectory(name: string): void {
    if (!this.disk.hasDirectory(name)) this.disk.fail("missing");
    this.step(`sync ${name}/`, () => {
      this.disk.refuse("handles", "sync");
      this.disk.syncNames(name);
    });
  }

  later(operation: NameOperation, done: (problem: string) => void): void {
    const { disk } = this;
    if (!disk.isAlive(this.life)) return;
    // It is done somewhere between being asked for and being reported.
    let problem: string | null = null;
    if (disk.random.chance(0.5)) problem = problemOf(() => performNamed(this, operation));
    disk.later(() => {
      if (!disk.isAlive(this.life)) return;
      done(problem ?? problemOf(() => performNamed(this, operation)));
    });
  }
}
