import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

/** A process to start: its program, arguments and environment. It prints a JSON document a line. */
export interface FleetCommand {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What a worker printed. */
export interface FleetEvent {
  readonly event: string;
  readonly runId?: string;
  readonly resumed?: boolean;
  readonly status?: string;
  readonly error?: unknown;
}

/** How a process that was asked to stop did so. */
export interface Stopping {
  readonly name: string;
  /** From the signal to the end. */
  readonly tookMs: number;
  readonly exitCode: number | null;
  /** Runs that it had begun or continued and neither ended nor handed over, as far as it said. */
  readonly left: readonly string[];
  /** Runs that it handed over. */
  readonly handedOver: readonly string[];
}

/** Workers in processes of their own, each of which is replaced when it ends. */
export interface Fleet {
  /** SIGKILL for one that is working, chosen by `pick`. @returns whether there was one. */
  kill(pick: (count: number) => number): boolean;
  /** SIGTERM. Resolves when it has ended; `null` if there was none. */
  stop(pick: (count: number) => number): Promise<Stopping | null>;
  /** SIGSTOP, and SIGCONT later. @returns whether there was one. */
  freeze(pick: (count: number) => number, forMs: number): Promise<boolean>;
  /** When a process died or was frozen, in epoch milliseconds; `null` while it is alive. */
  goneSince(pid: number): number | null;
  /** What no signal explains: exit codes and last words. */
  readonly accidents: readonly string[];
  readonly started: number;
  /** Resolves when all work at the same time. */
  ready(): Promise<void>;
  /** Stops all of them, and starts none again. */
  close(): Promise<readonly Stopping[]>;
}

interface Member {
  readonly command: FleetCommand;
  child: ChildProcess;
  isReady: boolean;
  /** Something is being done to it. */
  isBusy: boolean;
  readonly open: Set<string>;
  readonly handedOver: string[];
  ended: Promise<void>;
}

const againMs = 500;

export function startFleet(
  commands: readonly FleetCommand[],
  options: {
    /** Of what the processes print. */
    readonly logDirectory: string;
    /** Whether a process that was started then may end by itself before it is ready: the database may be away. */
    readonly mayFailToStart: (startedAt: number) => boolean;
  },
): Fleet {
  const goneAt = new Map<number, number>();
  const accidents: string[] = [];
  let started = 0;
  let isClosing = false;
  const members = commands.map((command) => start(command));

  function start(command: FleetCommand): Member {
    started += 1;
    const startedAt = Date.now();
    const child = spawn(process.execPath, command.parameters, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], ...command.environment },
    });
    if (child.pid !== undefined) goneAt.delete(child.pid);
    const log = createWriteStream(path.join(options.logDirectory, `${command.name}.log`), { flags: "a" });
    log.write(`--- ${new Date().toISOString()} process ${child.pid}\n`);
    let lastWords = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      lastWords = `${lastWords}${text}`.slice(-2_000);
      if (log.writable) log.write(text);
    });
    const member: Member = {
      command,
      child,
      isReady: false,
      isBusy: false,
      open: new Set(),
      handedOver: [],
      ended: Promise.resolve(),
    };
    createInterface(child.stdout).on("line", (line) => {
      if (log.writable) log.write(`${line}\n`);
      note(member, line);
    });
    member.ended = once(child, "close").then(([code, signal]) => {
      if (child.pid !== undefined) goneAt.set(child.pid, goneAt.get(child.pid) ?? Date.now());
      log.end();
      const isExplained =
        member.isBusy || (!member.isReady && code !== null && options.mayFailToStart(startedAt));
      if (!isExplained) accidents.push(`${command.name} ended with ${code ?? signal}: ${lastWords}`);
    });
    member.ended.then(() => replace(member)).catch(() => undefined);
    return member;
  }

  async function replace(member: Member): Promise<void> {
    if (!member.isBusy) await delay(againMs);
    if (isClosing) return;
    members[members.indexOf(member)] = start(member.command);
  }

  function note(member: Member, line: string): void {
    let event: FleetEvent;
    try {
      event = JSON.parse(line) as FleetEvent;
    } catch {
      // The half line that a killed process may leave.
      return;
    }
    if (event.event === "ready") member.isReady = true;
    if (event.runId === undefined) return;
    if (event.event === "run:start") member.open.add(event.runId);
    if (event.event !== "run:end") return;
    member.open.delete(event.runId);
    // With an error it has failed an attempt: its job rests, and a different request may go first.
    if (event.status === "paused" && event.error === null) member.handedOver.push(event.runId);
  }

  function choose(pick: (count: number) => number): Member | null {
    const able = members.filter(({ isReady, isBusy }) => isReady && !isBusy);
    const member = able[pick(able.length)] ?? null;
    if (member !== null) member.isBusy = true;
    return member;
  }

  async function stopMember(member: Member): Promise<Stopping> {
    member.isBusy = true;
    member.handedOver.length = 0;
    const from = performance.now();
    member.child.kill("SIGTERM");
    await member.ended;
    return {
      name: member.command.name,
      tookMs: performance.now() - from,
      exitCode: member.child.exitCode,
      left: [...member.open],
      handedOver: [...member.handedOver],
    };
  }

  return {
    kill(pick) {
      const member = choose(pick);
      if (member?.child.pid === undefined) return false;
      member.child.kill("SIGKILL");
      goneAt.set(member.child.pid, Date.now());
      return true;
    },
    async stop(pick) {
      const member = choose(pick);
      return member === null ? null : await stopMember(member);
    },
    async freeze(pick, forMs) {
      const member = choose(pick);
      if (member?.child.pid === undefined) return false;
      const { pid } = member.child;
      member.child.kill("SIGSTOP");
      goneAt.set(pid, Date.now());
      await delay(forMs);
      member.child.kill("SIGCONT");
      goneAt.delete(pid);
      member.isBusy = false;
      return true;
    },
    goneSince: (pid) => goneAt.get(pid) ?? null,
    accidents,
    get started() {
      return started;
    },
    async ready() {
      while (!members.every(({ isReady }) => isReady)) await delay(50);
    },
    async close() {
      isClosing = true;
      return await Promise.all(members.map(stopMember));
    },
  };
}
