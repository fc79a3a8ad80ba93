// file_loader.ts: the grammar of the configuration file, and loading one into a Config.
//
//   line       = blanks, comment or directive, blanks at both ends do not count
//   comment    = "#" ...
//   directive  = word { blank word }          words may be quoted as in inline requests
//
//   name value ...          a directive; those of several words also take one quoted text of words
//   include path            another file, or all files a pattern stands for, none being fine
//   rename-command old new  "" as new name removes the command
//   user name rule ...      an ACL user
//   sentinel                alone: ignored;  loadmodule, module.option: refused, no modules
//
// Values that lines set one after the other replace each other, but `save` lines add up. They do
// so only up to the first include, as in valkey: behind an included file each `save` line replaces
// what was there. The first `save` line replaces the default.
//
// ERRORS  The first one ends the load, as no server may start with half of its settings. Its text
// is the one valkey prints to stderr: the file is not named, but the line's number and the line
// are. A file that cannot be opened is an error of another form, one line for the log.

import type { Config } from "./config.ts";
import { MULTI_ARG } from "./directive.ts";
import { expandPattern, isPathPattern } from "./paths.ts";
import { DIRECTIVE_BY_NAME, IGNORED_NAMES } from "./registry.ts";
import { splitWords } from "./words.ts";

/** How deep files may include files. */
export const INCLUDE_DEPTH_MAX = 32;

/** What loading needs from outside. Paths and texts are latin-1. */
export interface FileSystem {
  /** The text of a file; throws an Error with the operating system's words. */
  readText(path: string): string;
  /** Names in a directory; none when it cannot be read. */
  list(directory: string): readonly string[];
  /** "" when a log file can be opened for appending, else the operating system's words. */
  tryAppend(path: string): string;
}

/** What loading must know about the server. */
export interface LoadOptions {
  files: FileSystem;
  /** Version in the head of an error. */
  version: string;
  /** Lower-case names of all commands, for rename-command. */
  commands: Iterable<string>;
  /** Takes an ACL user: words are name and rules. Absent: users are refused. */
  addUser?: (words: readonly string[]) => UserError | null;
}

/** What is wrong with a `user` line. */
export interface UserError {
  /** The name or rule the complaint is about. */
  readonly word: string;
  readonly complaint: string;
}

/** Why a load ended: a text for stderr, or a line for the log. The process then exits with 1. */
export type LoadError =
  | { readonly at: "stderr"; readonly text: string }
  | { readonly at: "log"; readonly text: string };

/** Loads texts into one Config, in the order of the calls. */
export class FileLoader {
  private config: Config;
  private options: LoadOptions;
  private commands: Set<string>;
  /** Whether `save` lines add up now, and whether one was seen. */
  private saveAppends = false;
  private saveSeen = false;
  private depth = 0;

  constructor(config: Config, options: LoadOptions) {
    this.config = config;
    this.options = options;
    this.commands = new Set(options.commands);
  }

  /** Reads a file or all files of a pattern into one text. */
  readFiles(path: string): { text: string; error: LoadError | null } {
    const { files } = this.options;
    const pattern = isPathPattern(path);
    const paths = pattern ? expandPattern(path, (directory) => files.list(directory)) : [path];
    let text = "";
    for (const one of paths) {
      try {
        const part = files.readText(one);
        text += pattern && part !== "" && !part.endsWith("\n") ? part + "\n" : part;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        const line = `Fatal error, can't open config file '${one}': ${why}`;
        return { text: "", error: { at: "log", text: line } };
      }
    }
    return { text, error: null };
  }

  /** Loads a text; null when all of it is in force. */
  load(text: string): LoadError | null {
    this.saveAppends = true;
    const lines = text.split("\n");
    for (const [i, raw] of lines.entries()) {
      const line = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
      if (line === "" || line.startsWith("#")) continue;
      const error = this.line(line);
      if (typeof error === "string" && error !== "") return this.fatal(error, i + 1, line);
      if (typeof error !== "string") return error;
    }
    this.saveAppends = false;
    return this.finish();
  }

  private fatal(complaint: string, number = 0, line = ""): LoadError {
    const head = `\n*** FATAL CONFIG FILE ERROR (Version ${this.options.version}) ***\n`;
    const where = number === 0
      ? ""
      : `Reading the configuration file, at line ${number}\n>>> '${line}'\n`;
    return { at: "stderr", text: `${head}${where}${complaint}\n` };
  }

  /** What can only be checked when all lines are read. */
  private finish(): LoadError | null {
    const { config, options } = this;
    const logFile = config.text("logfile");
    const error = logFile === "" ? "" : options.files.tryAppend(logFile);
    if (error !== "") return this.fatal(`Can't open the log file: ${error}`);
    if (config.flag("cluster-enabled") && config.text("replicaof") !== "") {
      return this.fatal("replicaof directive not allowed in cluster mode");
    }
    return null;
  }

  /** "" when fine, a complaint about this line, or an error from an included file. */
  private line(line: string): string | LoadError {
    const words = splitWords(line);
    if (words === null) return "Unbalanced quotes in configuration line";
    if (words.length === 0) return "";
    const name = words[0].toLowerCase();
    if (DIRECTIVE_BY_NAME.has(name)) return this.directive(name, words.slice(1));
    if (IGNORED_NAMES.includes(name) && words.length === 2) return "";
    if (name === "include" && words.length === 2) return this.include(words[1]);
    return this.fileOnly(name, words);
  }

  private directive(name: string, words: readonly string[]): string {
    const directive = DIRECTIVE_BY_NAME.get(name);
    const several = directive !== undefined && (directive.flags & MULTI_ARG) !== 0;
    if (!several && words.length !== 1) return "wrong number of arguments";
    const oneText = several && words.length === 1 && words[0] !== "";
    const values = oneText ? splitWords(words[0]) ?? [] : words;
    const isSave = name === "save";
    const error = this.config.load(name, values, isSave && this.saveAppends && this.saveSeen);
    if (error !== "") return error;
    this.saveSeen ||= isSave && this.saveAppends;
    if (this.depth > 0) this.config.setByInclude.add(directive?.name ?? name);
    return "";
  }

  private fileOnly(name: string, words: readonly string[]): string {
    if (name === "rename-command" && words.length === 3) return this.rename(words[1], words[2]);
    if (name === "user" && words.length >= 2) return this.user(words.slice(1));
    if (name === "loadmodule" && words.length >= 2) {
      return "Modules cannot be loaded by this server";
    }
    if (name.includes(".")) {
      return words.length < 2
        ? "Module config specified without value"
        : "Modules cannot be loaded by this server, so none takes this setting";
    }
    if (name === "sentinel") {
      return words.length === 1 ? "" : "sentinel directive while not in sentinel mode";
    }
    return "Bad directive or wrong number of arguments";
  }

  private include(path: string): string | LoadError {
    if (this.depth === INCLUDE_DEPTH_MAX) {
      return "Configuration files include each other too deeply";
    }
    const { text, error } = this.readFiles(path);
    if (error !== null) return error;
    this.depth++;
    const inner = this.load(text);
    this.depth--;
    return inner ?? "";
  }

  private rename(from: string, to: string): string {
    const name = from.toLowerCase();
    const target = to.toLowerCase();
    if (!this.commands.delete(name)) return "No such command in rename-command";
    if (to !== "" && this.commands.has(target)) return "Target command name already exists";
    if (to !== "") this.commands.add(target);
    this.config.renamedCommands.push([from, to]);
    return "";
  }

  private user(words: readonly string[]): string {
    const { addUser } = this.options;
    if (addUser === undefined) return "ACL users in the configuration file are not built yet";
    const error = addUser(words);
    if (error !== null) return `Error in user declaration '${error.word}': ${error.complaint}`;
    this.config.fileUsers.push(words);
    if (this.depth > 0) this.config.setByInclude.add(`user ${words[0]}`);
    return "";
  }
}
