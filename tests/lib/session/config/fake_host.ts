// fake_host.ts: files, a working directory and standard input in memory, for tests of the
// configuration. Paths are absolute or relative to the directory; texts are latin-1.

import type { CommandLineHost } from "../../../../server/command_line.ts";
import { absolutePath } from "../../../../lib/session/config/paths.ts";

const MISSING = "No such file or directory";

/** A host whose files are given by absolute path. Directories exist where files are in them. */
export class FakeHost implements CommandLineHost {
  readonly texts: Map<string, string>;
  readonly stdin: string;
  at = "/srv";

  constructor(files: Readonly<Record<string, string>> = {}, stdin = "") {
    this.texts = new Map(Object.entries(files));
    this.stdin = stdin;
  }

  private path(path: string): string {
    const parts: string[] = [];
    for (const part of absolutePath(path, this.at).split("/")) {
      if (part === "..") parts.pop();
      else if (part !== "" && part !== ".") parts.push(part);
    }
    return "/" + parts.join("/");
  }

  private isDirectory(path: string): boolean {
    const prefix = path === "/" ? "/" : `${path}/`;
    return path === "/srv" || [...this.texts.keys()].some((one) => one.startsWith(prefix));
  }

  readonly files = {
    readText: (path: string): string => {
      const text = this.texts.get(this.path(path));
      if (text === undefined) throw new Error(MISSING);
      return text;
    },
    list: (directory: string): string[] => {
      const path = this.path(directory);
      const prefix = path === "/" ? "/" : `${path}/`;
      const names = [...this.texts.keys()].filter((one) => one.startsWith(prefix))
        .map((one) => one.slice(prefix.length).split("/")[0]);
      return [...new Set(names)];
    },
    tryAppend: (path: string): string => {
      const whole = this.path(path);
      return this.isDirectory(whole.slice(0, whole.lastIndexOf("/")) || "/") ? "" : MISSING;
    },
  };

  readonly directory = {
    current: () => this.at,
    change: (path: string): string => {
      const whole = this.path(path);
      if (!this.isDirectory(whole)) return MISSING;
      this.at = whole;
      return "";
    },
  };

  readStdin(): string {
    return this.stdin;
  }
}
