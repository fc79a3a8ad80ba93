// golden_known.ts: where our answers differ from the recorded ones on purpose. The differing part is
// masked on both sides; everything else of the reply is still compared.

/** One deliberate difference. */
export interface KnownDifference {
  /** Names of the cases it concerns. */
  cases: RegExp;
  /** The part that differs; what its first group holds is kept. */
  mask: RegExp;
  why: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    cases: /^commands\/info-/,
    mask: /(\$5\r\nnotes\r\n)\$\d+\r\n[^\r]*\r\n/g,
    why: "notes on keys are prose, and ours is written by us",
  },
];

/** Steps about features that do not exist yet, though their commands do: they are sent, and not compared. */
const LATER: readonly { command: RegExp; why: string }[] = [
  { command: /^INFO (scriptingengines|modules)$/i, why: "there is no Lua engine yet" },
];

/** Whether the reply to a command line is not to be compared. */
export function isLater(sent: string): boolean {
  return LATER.some(({ command }) => command.test(sent));
}

/** A reply of a case with what may differ taken out. */
export function maskKnown(caseName: string, reply: string): string {
  for (const { cases, mask } of KNOWN_DIFFERENCES) {
    if (cases.test(caseName)) reply = reply.replace(mask, "$1$$0\r\n\r\n");
  }
  return reply;
}
