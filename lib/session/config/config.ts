// config.ts: the settings of one server: values of all directives, CONFIG GET and SET, and what
// else a configuration file declared. Reading a file is file_loader.ts, writing it rewrite.ts.
//
// SETTING SEVERAL  All or nothing. First every name is looked at (known, not immutable, allowed,
// not twice), then every value is set, then the functions registered with `onApply` run, each once.
// A refusal at any point puts back every value and, if it came from one of those functions, runs
// them again so that they see the old values. Source followed: valkey's CONFIG SET.
//
// Texts are latin-1, one character per byte. Nothing here is on the path of a data command, but
// `text`, `number` and `flag` are one look-up in a Map and may be called from commands.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { globMatch } from "../../bytes/glob.ts";
import type { ConfigCaller, ConfigError, ConfigView } from "../../commands/config_view.ts";
import type { Log } from "../../platform/mod.ts";
import {
  DENY_LOADING,
  type Directive,
  HIDDEN,
  IMMUTABLE,
  MULTI_ARG,
  PROTECTED,
  SENSITIVE,
  VOLATILE,
} from "./directive.ts";
import { DIRECTIVES } from "./registry.ts";
import { rewriteFile } from "./rewrite.ts";
import { numberValue, readValue, shownValue } from "./values.ts";

/** The working directory of the process. */
export interface WorkingDirectory {
  /** Absolute path. */
  current(): string;
  /** Goes to another directory; "" or why not. */
  change(path: string): string;
}

/** The configuration file, for CONFIG REWRITE. Errors are thrown with a message to show. */
export interface ConfigFile {
  /** The text, or null when there is no such file. */
  read(): string | null;
  /** Replaces the file as a whole. */
  replace(text: string): void;
}

/** What a configuration needs from its owner; everything has a harmless default. */
export interface ConfigOptions {
  directory?: WorkingDirectory;
  file?: ConfigFile;
  log?: Log;
  /** True while a data file is being loaded. */
  isLoading?: () => boolean;
  /** The users to write to the file, each "name rules..."; absent: `user` lines stay. */
  userLines?: () => readonly string[];
}

/** Runs after a directive got a new value: "" or why that value cannot be used. */
export type ApplyHook = () => string;

const NO_DIRECTORY: WorkingDirectory = {
  current: () => "",
  change: () => "This server has no working directory",
};
const LOCAL: ConfigCaller = { isLocal: true };
const WARNING = 3;

/** One directive and its value. */
interface Slot {
  readonly directive: Directive;
  text: string;
  number: number;
}

/** A directive under the name it was asked for. */
interface Named {
  /** The name as written by the client. */
  readonly asked: string;
  /** The same in lower case: the name or an alias. */
  readonly name: string;
  readonly slot: Slot;
}

/** The words of a CONFIG SET value: split at every single blank, "" being no words at all. */
function settingWords(directive: Directive, text: string): string[] {
  if ((directive.flags & MULTI_ARG) === 0) return [text];
  return text === "" ? [] : text.split(" ");
}

function failure(name: string, complaint: string): ConfigError {
  const why = complaint === "" ? "" : ` - ${complaint}`;
  return `ERR CONFIG SET failed (possibly related to argument '${name}')${why}`;
}

/** The settings of one server. */
export class Config implements ConfigView {
  /** Commands renamed by the file, in order; an empty new name removes the command. */
  readonly renamedCommands: (readonly [from: string, to: string])[] = [];
  /** Words of each `user` line of the file, without the word user. */
  readonly fileUsers: (readonly string[])[] = [];
  /** Directives, by name, and users, as "user NAME", that an included file set. */
  readonly setByInclude = new Set<string>();
  /** Who may do what; may be replaced by the owner while the server starts. */
  options: ConfigOptions;

  private slots = new Map<string, Slot>();
  private hooks = new Map<string, ApplyHook[]>();

  constructor(options: ConfigOptions = {}) {
    this.options = options;
    for (const directive of DIRECTIVES) {
      const { name, aliases, initial } = directive;
      const slot = { directive, text: initial, number: numberValue(directive, initial) };
      for (const one of [name, ...aliases]) this.slots.set(one, slot);
    }
  }

  private slot(name: string): Slot {
    const slot = this.slots.get(name);
    if (slot === undefined) throw new Error(`no directive is called ${name}`);
    return slot;
  }

  /** Canonical text: what CONFIG GET shows, but for the n of notify-keyspace-events. */
  text(name: string): string {
    return this.textOf(this.slot(name));
  }

  /** Number of a numeric directive, percentages negative; NaN for others. */
  number(name: string): number {
    return this.slot(name).number;
  }

  flag(name: string): boolean {
    return this.slot(name).text === "yes";
  }

  /** True when the value must be kept out of logs. False for an unknown name. */
  isSensitive(name: string): boolean {
    const slot = this.slots.get(name.toLowerCase());
    return slot !== undefined && (slot.directive.flags & SENSITIVE) !== 0;
  }

  private textOf(slot: Slot): string {
    return slot.directive.name === "dir" ? this.directory().current() : slot.text;
  }

  private directory(): WorkingDirectory {
    return this.options.directory ?? NO_DIRECTORY;
  }

  match(patterns: readonly string[]): (readonly [name: string, value: string])[] {
    // By lower-case name, so that a directive asked for twice is answered once, as asked first.
    const found = new Map<string, readonly [name: string, value: string]>();
    const add = (asked: string, name: string, slot: Slot): void => {
      if (!found.has(name)) {
        found.set(name, [asked, shownValue(slot.directive, this.textOf(slot))]);
      }
    };
    for (const pattern of patterns) {
      if (/[[*?]/.test(pattern)) {
        const bytes = fromLatin1(pattern);
        for (const [name, slot] of this.slots) {
          if ((slot.directive.flags & HIDDEN) !== 0) continue;
          const text = fromLatin1(name);
          if (globMatch(bytes, 0, bytes.length, text, 0, text.length, true)) add(name, name, slot);
        }
      } else {
        const slot = this.slots.get(pattern.toLowerCase());
        if (slot !== undefined) add(pattern, pattern.toLowerCase(), slot);
      }
    }
    return [...found.values()].sort((a, b) => a[0] < b[0] ? -1 : 1);
  }

  /**
   * Registers a function that reacts to a new value of a directive set by CONFIG SET. Not called
   * for values from the file: whoever starts the server reads those. A function registered for
   * several directives runs once when several of them change together.
   */
  onApply(name: string, hook: ApplyHook): void {
    const { name: primary } = this.slot(name).directive;
    const hooks = this.hooks.get(primary);
    if (hooks === undefined) this.hooks.set(primary, [hook]);
    else hooks.push(hook);
  }

  /** CONFIG SET. `caller` decides about protected directives; without it the caller is local. */
  set(
    pairs: readonly (readonly [name: string, value: string])[],
    caller: ConfigCaller = LOCAL,
  ): ConfigError {
    const targets: Named[] = [];
    for (const [asked] of pairs) {
      const error = this.admit(asked, targets, caller);
      if (error !== "") return error;
    }
    const before = targets.map(({ slot }) => this.textOf(slot));
    const hooks = new Map<ApplyHook, string>();
    for (const [i, { name, slot }] of targets.entries()) {
      const { directive } = slot;
      const error = this.assign(slot, settingWords(directive, pairs[i][1]), false);
      if (error !== "") {
        this.restore(targets.slice(0, i + 1), before);
        return failure(name, error);
      }
      if (before[i] === slot.text && !this.appliesAlways(directive)) continue;
      for (const hook of this.hooks.get(directive.name) ?? []) {
        if (!hooks.has(hook)) hooks.set(hook, name);
      }
    }
    return this.apply(hooks, targets, before);
  }

  /** Adds the directive called `asked` to the targets, or says why it cannot be set. */
  private admit(asked: string, targets: Named[], caller: ConfigCaller): ConfigError {
    const name = asked.toLowerCase();
    const slot = this.slots.get(name);
    if (slot === undefined) {
      return `ERR Unknown option or number of arguments for CONFIG SET - '${asked}'`;
    }
    const { flags } = slot.directive;
    if ((flags & IMMUTABLE) !== 0) return failure(asked, "can't set immutable config");
    if ((flags & PROTECTED) !== 0 && !this.allowsProtected(caller)) {
      return failure(asked, "can't set protected config");
    }
    if ((flags & DENY_LOADING) !== 0 && this.options.isLoading?.()) {
      const product = this.flag("extended-redis-compatibility") ? "Redis" : "Valkey";
      return `LOADING ${product} is loading the dataset in memory`;
    }
    // An alias beside its name is no duplicate: the later one wins.
    if (targets.some((target) => target.name === name)) {
      return failure(asked, "duplicate parameter");
    }
    targets.push({ asked, name, slot });
    return "";
  }

  private allowsProtected(caller: ConfigCaller): boolean {
    const allowed = this.text("enable-protected-configs");
    return allowed === "yes" || (allowed === "local" && caller.isLocal);
  }

  private appliesAlways(directive: Directive): boolean {
    return (directive.flags & VOLATILE) !== 0 ||
      (directive.type === "special" && directive.name !== "oom-score-adj-values");
  }

  /** Runs the hooks; after a refusal puts everything back and runs them again. */
  private apply(
    hooks: ReadonlyMap<ApplyHook, string>,
    targets: readonly Named[],
    before: readonly string[],
  ): ConfigError {
    for (const [hook, name] of hooks) {
      const error = hook();
      if (error === "") continue;
      this.warn(
        `Failed applying new configuration. Possibly related to new ${name} setting. ` +
          "Restoring previous settings.",
      );
      this.restore(targets, before);
      for (const again of hooks.keys()) {
        const second = again();
        if (second !== "") {
          this.warn(`Failed applying restored failed CONFIG SET command: ${second}`);
        }
      }
      return failure(name, error);
    }
    return "";
  }

  private restore(targets: readonly Named[], before: readonly string[]): void {
    for (const [i, { name, slot }] of targets.entries()) {
      if (slot.directive.name !== "dir") {
        this.store(slot, before[i]);
        continue;
      }
      const error = this.directory().change(before[i]);
      if (error !== "") {
        this.warn(
          `Failed restoring failed CONFIG SET command. Error setting ${name} to '${
            before[i]
          }': ${error}`,
        );
      }
    }
  }

  private warn(text: string): void {
    this.options.log?.write(WARNING, text);
  }

  private store(slot: Slot, text: string): void {
    slot.text = text;
    slot.number = numberValue(slot.directive, text);
  }

  /** Gives a directive the value of some words; "" or the complaint. */
  private assign(slot: Slot, words: readonly string[], append: boolean): string {
    const { directive } = slot;
    const { text, error } = readValue(directive, words, { current: slot.text, append });
    if (error !== "") return error;
    if (directive.name === "dir") return this.directory().change(text);
    this.store(slot, text);
    return "";
  }

  /**
   * Sets a directive as a line of the file does: no flags are looked at, no hooks run. `append`
   * is for `save`, whose lines add up. Returns "" or the complaint.
   */
  load(name: string, words: readonly string[], append: boolean): string {
    return this.assign(this.slot(name), words, append);
  }

  /**
   * CONFIG REWRITE. With `everything` each directive is written whether it is at its default or
   * not. Returns "" or the whole error text.
   */
  rewrite(everything = false): ConfigError {
    const { file, userLines, log } = this.options;
    if (file === undefined) return "ERR The server is running without a config file";
    try {
      file.replace(rewriteFile(file.read() ?? "", {
        text: (name) => this.text(name),
        setByInclude: this.setByInclude,
        userLines: userLines === undefined ? null : userLines(),
        everything,
      }));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.warn(`CONFIG REWRITE failed: ${why}`);
      return `ERR Rewriting config file: ${why}`;
    }
    log?.write(2, "CONFIG REWRITE executed with success.");
    return "";
  }
}
