// config_view.ts: the configuration as commands see it. Implemented by lib/session/config.

/** Answer of an attempt to change directives: "" when all were applied, else the error text. */
export type ConfigError = string;

/** Who wants to change directives. */
export interface ConfigCaller {
  /**
   * Connected through a Unix socket or the loopback address: may set protected directives where
   * enable-protected-configs says "local".
   */
  readonly isLocal: boolean;
}

/**
 * The directives of a running server. Names are lower case; values are texts as CONFIG GET shows
 * them (latin-1).
 */
export interface ConfigView {
  /**
   * All (name, value) pairs whose name or alias matches one of the patterns, each once, sorted by
   * name.
   */
  match(patterns: readonly string[]): (readonly [name: string, value: string])[];
  /**
   * Sets several directives or none. Returns "" or the whole error text without the leading "-".
   * Without a caller the change counts as local.
   */
  set(
    pairs: readonly (readonly [name: string, value: string])[],
    caller?: ConfigCaller,
  ): ConfigError;
  /**
   * Rewrites the configuration file; with `everything` also the directives at their default.
   * Returns "" or the whole error text without the leading "-".
   */
  rewrite(everything?: boolean): ConfigError;
  /** True when the value of this directive (in any case) must be kept out of logs and MONITOR. */
  isSensitive(name: string): boolean;
  /** Current value of a directive as text. */
  text(name: string): string;
  /** Current value of a numeric or memory directive; exact below 2^53. */
  number(name: string): number;
  /** Current value of a yes/no directive. */
  flag(name: string): boolean;
}
