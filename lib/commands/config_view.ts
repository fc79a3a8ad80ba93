// config_view.ts: the configuration as commands see it. Implemented by lib/session/config.

/** Answer of an attempt to change directives: "" when all were applied, else the error text. */
export type ConfigError = string;

/** The directives of a running server. Names are lower case; values are texts as CONFIG GET shows them (latin-1). */
export interface ConfigView {
  /** All (name, value) pairs whose name or alias matches one of the patterns, each once, sorted by name. */
  match(patterns: readonly string[]): (readonly [name: string, value: string])[];
  /** Sets several directives or none. Returns "" or the whole error text without the leading "-". */
  set(pairs: readonly (readonly [name: string, value: string])[]): ConfigError;
  /** Rewrites the configuration file. Returns "" or the error text. */
  rewrite(): ConfigError;
  /** Current value of a directive as text. */
  text(name: string): string;
  /** Current value of a numeric or memory directive; exact below 2^53. */
  number(name: string): number;
  /** Current value of a yes/no directive. */
  flag(name: string): boolean;
}
