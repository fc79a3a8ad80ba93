// room.ts: how much room the arena has, for those who know no arena.
export { arenaCanHold, arenaRoom } from "../mem/arena.ts";
