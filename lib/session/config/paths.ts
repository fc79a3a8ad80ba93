// paths.ts: the few things the configuration must know about file paths. Paths are latin-1 texts
// with "/" between their parts; nothing here touches a disk.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { globMatch } from "../../bytes/glob.ts";

/** True for a name without any separator, "\" being one as well. */
export function pathIsBaseName(path: string): boolean {
  return !path.includes("/") && !path.includes("\\");
}

/** True when the path holds a pattern character and so may stand for any number of files. */
export function isPathPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

/**
 * The path made absolute against a directory. Each leading "../" is resolved, everything else is
 * kept as it is written.
 */
export function absolutePath(path: string, workingDirectory: string): string {
  let rest = path.replace(/^[ \r\n\t]+|[ \r\n\t]+$/g, "");
  if (rest.startsWith("/") || /^[A-Za-z]:[\\/]/.test(rest)) return rest;
  let directory = workingDirectory.replace(/\/+$/, "");
  while (rest.startsWith("../")) {
    rest = rest.slice(3);
    directory = directory.slice(0, Math.max(0, directory.lastIndexOf("/")));
  }
  return `${directory}/${rest}`;
}

function nameMatches(pattern: string, name: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const bytes = fromLatin1(pattern.replaceAll("[!", "[^"));
  const text = fromLatin1(name);
  return globMatch(bytes, 0, bytes.length, text, 0, text.length, false);
}

function join(directory: string, name: string): string {
  return directory === "" || directory === "/" ? directory + name : `${directory}/${name}`;
}

/**
 * The existing paths a pattern stands for, in byte order; patterns do not cross "/" and a leading
 * dot must be written. `list` names the entries of a directory, none when it cannot be read.
 */
export function expandPattern(
  pattern: string,
  list: (directory: string) => readonly string[],
): string[] {
  let found = [pattern.startsWith("/") ? "/" : ""];
  const parts = pattern.split("/").filter((part) => part !== "");
  for (const [i, part] of parts.entries()) {
    // What is written out is looked for at the end only: a missing directory lists nothing.
    if (!isPathPattern(part) && (i < parts.length - 1 || part === "." || part === "..")) {
      found = found.map((directory) => join(directory, part));
      continue;
    }
    found = found.flatMap((directory) =>
      list(directory === "" ? "." : directory)
        .filter((name) => isPathPattern(part) ? nameMatches(part, name) : name === part)
        .map((name) => join(directory, name))
    );
  }
  return found.sort((a, b) => a < b ? -1 : 1);
}
