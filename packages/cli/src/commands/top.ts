import { exitCode, exitCodeOfSignal } from '../exit-code.ts';
import { Failures } from '../failure.ts';
import type { Filter } from '../filter.ts';
import type { Io } from '../io.ts';
import type { Order } from '../render/columns.ts';
import { coloured, type Paint, plain } from '../render/paint.ts';
import { processRows } from '../render/process-tree.ts';
import { columnsOfView } from '../render/stats.ts';
import { typesFor } from '../render/stats-columns.ts';
import { tableHeight, topFrame } from '../render/top-frame.ts';
import { arranged, initialModel, labelOf, scrolled, type TopModel, withRows } from '../render/top-model.ts';
import type { Key } from '../terminal/keys.ts';
import { Terminal } from '../terminal/terminal.ts';
import { Observer, type ObserverOptions } from './stats-observer.ts';
import { Histories, ProcessHistories } from './top-histories.ts';
import { press, type TopAction } from './top-keys.ts';

export interface TopRequest {
  /** None: all running containers. */
  readonly references: readonly string[];
  readonly filters: readonly Filter[];
  readonly intervalSeconds: number;
  readonly titles: readonly string[];
  readonly order: Order;
  readonly debug: boolean;
}

/** What is late is shown with its last values. */
const patienceMs = 250;

/** Shows what containers use on the whole screen, until `q`. */
export async function top(request: TopRequest, io: Io): Promise<number> {
  let said = '';
  const failures = new Failures({ stderr: { write: (text) => (said += text) } }, request.debug);
  const observer = new Observer(observerOptions(request), io, failures);
  try {
    const session = new Session(request, observer, io, () => said.trimEnd().split('\n').at(-1));
    await observer.open();
    return observer.isOver ? failures.exitCode : await session.run();
  } finally {
    observer.close();
    // What was only seen in passing, or not at all.
    io.stderr.write(said);
  }
}

/** How many processes there are stands in the list: it need not be counted process by process. */
function observerOptions(request: TopRequest): ObserverOptions {
  const { references, filters, titles, order, intervalSeconds } = request;
  const shown = [...titles, order.title].filter((title) => title !== 'HISTORY');
  const types = typesFor(columnsOfView({ titles: shown })).filter(
    (type) => type !== 'ProcessList' || references.length > 0,
  );
  return {
    references,
    filters,
    mayEnd: true,
    intervalMs: intervalSeconds * 1000,
    patienceMs,
    types,
    withSummaries: true,
  };
}

/** One run of `top`: reads at its beat, and draws what there is after each reading, key and resize. */
class Session {
  readonly #observer: Observer;
  readonly #io: Io;
  readonly #terminal: Terminal;
  readonly #paint: Paint;
  readonly #histories = new Histories();
  /** The newest line that went wrong. */
  readonly #newestFailure: () => string | undefined;
  #processes = new ProcessHistories();
  #model: TopModel;
  #told: string | undefined;
  #code: number | undefined;
  #wake: () => void = () => {};
  #isSuspended = false;

  /** @throws UsageError where there is no terminal. */
  constructor(request: TopRequest, observer: Observer, io: Io, newestFailure: () => string | undefined) {
    this.#observer = observer;
    this.#io = io;
    this.#newestFailure = newestFailure;
    this.#paint = io.hasColours(io.stdout) ? coloured : plain;
    this.#model = initialModel(request);
    this.#terminal = new Terminal(io, { key: (key) => this.#pressed(key), resize: () => this.#draw() });
    io.stop.addEventListener('abort', () => this.#wake());
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    this.#terminal.open();
    try {
      this.#draw();
      while (this.#code === undefined && !this.#io.stop.aborted) {
        if (!this.#model.isPaused && !this.#isSuspended) await this.#read();
        if (this.#observer.isOver) return exitCode.success;
        await this.#pause();
      }
      return this.#code ?? exitCode.success;
    } finally {
      this.#terminal.close();
    }
  }

  async #read(): Promise<void> {
    const observed = await this.#observer.read();
    if (this.#io.stop.aborted) return;
    const time = new Date(this.#io.clock.now()).toISOString().slice(11, 19);
    this.#model = withRows(this.#model, this.#histories.rowsOf(observed), `${time} UTC`);
    const failure = this.#newestFailure();
    if (failure !== undefined && failure !== this.#told) this.#model = { ...this.#model, message: failure };
    this.#told = failure;
    await this.#readProcesses();
    this.#draw();
  }

  /** The processes of the container whose panel is open. */
  async #readProcesses(): Promise<void> {
    const { panel } = this.#model;
    if (panel === undefined) return;
    try {
      const properties = await this.#observer.ask(panel.key, ['ProcessList', 'ProcessTree']);
      const atNs = this.#io.clock.monotonicNs();
      const rows = this.#processes.linesOf(processRows(properties?.ProcessList ?? [], properties?.ProcessTree), atNs);
      // The panel may have been scrolled, or closed, meanwhile.
      const now = this.#model.panel;
      if (now?.key === panel.key) this.#model = { ...this.#model, panel: { ...now, rows } };
    } catch (error) {
      const { panel: _, ...table } = this.#model;
      this.#model = { ...table, message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Until the next reading is due, or there is something else to do. */
  async #pause(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#code !== undefined || this.#io.stop.aborted) return;
    await Promise.race([woken, this.#io.sleep(this.#model.intervalSeconds * 1000)]);
  }

  #pressed(key: Key): void {
    const { model, action } = press(this.#model, key, tableHeight(this.#terminal.size));
    const isOther = model.intervalSeconds !== this.#model.intervalSeconds || model.isPaused !== this.#model.isPaused;
    this.#model = model;
    if (action !== undefined) this.#do(action);
    if (isOther) this.#wake();
    this.#draw();
  }

  #do(action: TopAction): void {
    if (action === 'quit') this.#end(exitCode.success);
    if (action === 'interrupt') this.#end(exitCodeOfSignal('SIGINT'));
    if (action === 'redraw') this.#terminal.clear();
    if (action === 'show processes') this.#openPanel();
    if (action === 'suspend') void this.#suspend();
  }

  async #suspend(): Promise<void> {
    this.#isSuspended = true;
    await this.#terminal.suspend();
    this.#isSuspended = false;
    this.#draw();
  }

  #openPanel(): void {
    const row = arranged(this.#model)[this.#model.cursor];
    if (row === undefined) return;
    this.#processes = new ProcessHistories();
    this.#model = { ...this.#model, panel: { key: row.key, name: labelOf(row), rows: [], offset: 0 } };
    void this.#readProcesses().then(() => this.#draw());
  }

  #end(code: number): void {
    this.#code = code;
    this.#wake();
  }

  #draw(): void {
    if (this.#isSuspended || this.#code !== undefined) return;
    const { size } = this.#terminal;
    this.#model = scrolled(this.#model, tableHeight(size));
    this.#terminal.draw(topFrame(this.#model, size, this.#paint));
  }
}
