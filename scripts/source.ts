// source.ts: reads the project's own TypeScript files for the checking scripts: which files there
// are, what they import, and their text with comments and strings blanked out.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's root folder, without a slash at the end. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** Folders that hold no sources of ours. */
const SKIPPED_FOLDERS = new Set([".git", "node_modules", "dist"]);

/** An import or re-export of another module. */
export interface Import {
  /** As written. */
  specifier: string;
  /** 1-based line of the statement's first word. */
  line: number;
  /** True when every imported name is a type, so that nothing is loaded. */
  typeOnly: boolean;
}

/** A source file; offsets and line breaks are the same in `text`, `plain` and `code`. */
export interface Source {
  /** Relative to the root, with forward slashes. */
  path: string;
  text: string;
  /** The text with comments turned into blanks. */
  plain: string;
  /** The text with comments and the insides of strings and regular expressions turned into blanks. */
  code: string;
  imports: Import[];
}

/** Something to complain about. */
export interface Finding {
  path: string;
  line: number;
  message: string;
}

/** `path:line: message`, one a line. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings.map((f) => `${f.path}:${f.line}: ${f.message}`).join("\n");
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < offset; i = text.indexOf("\n", i + 1)) line++;
  return line;
}

/** A `/` after one of these starts a regular expression, after anything else it divides. */
const REGEX_AFTER = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void))\s*$/;

/** End of a quoted string (offset after the closing quote); stops at the line's end when unclosed. */
function stringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === text[start] || text[i] === "\n") return i + 1;
  }
  return text.length;
}

function regexEnd(text: string, start: number): number {
  let inClass = false;
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === "[") inClass = true;
    else if (c === "]") inClass = false;
    else if (c === "\n" || (c === "/" && !inClass)) return i + 1;
  }
  return text.length;
}

/** Blanks comments, and in `code` also the insides of strings, templates and regular expressions. */
export function blank(text: string): { plain: string; code: string } {
  const plain = text.split("");
  const code = text.split("");
  const wipe = (target: string[], from: number, to: number) => {
    for (let i = from; i < to; i++) if (target[i] !== "\n") target[i] = " ";
  };
  // Brace depths at which a template's ${...} ends.
  const templates: number[] = [];
  let depth = 0;
  let i = 0;
  const template = (from: number): number => {
    for (let at = from; at < text.length; at++) {
      if (text[at] === "\\") at++;
      else if (text[at] === "`") return wipe(code, from, at), at + 1;
      else if (text[at] === "$" && text[at + 1] === "{") {
        wipe(code, from, at);
        templates.push(depth++);
        return at + 2;
      }
    }
    return text.length;
  };
  while (i < text.length) {
    const c = text[i];
    const pair = text.slice(i, i + 2);
    if (pair === "//" || (i === 0 && pair === "#!")) {
      const end = text.indexOf("\n", i) < 0 ? text.length : text.indexOf("\n", i);
      wipe(plain, i, end);
      wipe(code, i, end);
      i = end;
    } else if (pair === "/*") {
      const end = text.indexOf("*/", i + 2) < 0 ? text.length : text.indexOf("*/", i + 2) + 2;
      wipe(plain, i, end);
      wipe(code, i, end);
      i = end;
    } else if (c === '"' || c === "'") {
      const end = stringEnd(text, i);
      wipe(code, i + 1, end - 1);
      i = end;
    } else if (c === "`") {
      i = template(i + 1);
    } else if (c === "/" && REGEX_AFTER.test(code.slice(Math.max(0, i - 80), i).join(""))) {
      const end = regexEnd(text, i);
      wipe(code, i + 1, end - 1);
      i = end;
    } else {
      if (c === "{") depth++;
      if (c === "}" && --depth === templates.at(-1)) {
        templates.pop();
        i = template(i + 1);
      } else i++;
    }
  }
  return { plain: plain.join(""), code: code.join("") };
}

const IMPORT_FROM =
  /^[ \t]*(import|export)\s+(type\s+)?(\*(?:\s+as\s+\w+)?|[\w$]+(?:\s*,\s*\{[^}]*\})?|\{[^}]*\})\s*from\s*(["'])([^"'\n]+)\4/gm;
const IMPORT_BARE = /^[ \t]*import\s*(["'])([^"'\n]+)\1/gm;
const IMPORT_CALL = /\bimport\(\s*(["'])([^"'\n]+)\1/g;

/** The imports of a text whose comments are blanked. */
export function importsOf(plain: string): Import[] {
  const imports: Import[] = [];
  for (const match of plain.matchAll(IMPORT_FROM)) {
    const names = match[3].startsWith("{")
      ? match[3].slice(1, -1).split(",").map((name) => name.trim()).filter((name) => name !== "")
      : [];
    const allTypes = names.length > 0 && names.every((name) => /^type\s/.test(name));
    imports.push({
      specifier: match[5],
      line: lineAt(plain, match.index),
      typeOnly: match[2] !== undefined || allTypes,
    });
  }
  for (const pattern of [IMPORT_BARE, IMPORT_CALL]) {
    for (const match of plain.matchAll(pattern)) {
      imports.push({ specifier: match[2], line: lineAt(plain, match.index), typeOnly: false });
    }
  }
  return imports;
}

/** A source from its path and text. */
export function parseSource(path: string, text: string): Source {
  const { plain, code } = blank(text);
  return { path, text, plain, code, imports: importsOf(plain) };
}

/** Paths of all files below the root that are ours, relative, sorted. */
export function listFiles(root = ROOT): string[] {
  const paths: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) paths.push(path);
      else if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) walk(path);
    }
  };
  walk("");
  return paths.sort();
}

/** All TypeScript sources below the root. */
export function loadSources(root = ROOT): Source[] {
  return listFiles(root).filter((path) => path.endsWith(".ts"))
    .map((path) => parseSource(path, readFileSync(`${root}/${path}`, "utf8")));
}

/** The path a relative specifier names, relative to the root. */
export function resolveImport(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
