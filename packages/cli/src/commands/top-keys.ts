import { moved, type ProcessPanel, settled, type TopModel } from '../render/top-model.ts';
import type { Key } from '../terminal/keys.ts';

/** What a key asks for beside another frame. */
export type TopAction = 'quit' | 'interrupt' | 'suspend' | 'redraw' | 'show processes';

export interface Pressed {
  readonly model: TopModel;
  readonly action?: TopAction;
}

const sortKeys: Readonly<Record<string, string>> = { c: 'CPU%', m: 'PRIVATE', n: 'NAME', p: 'PIDS' };
const shortestInterval = 0.5;
const longestInterval = 60;
const longestFilter = 255;

/** What a key does to what is shown; `height` is that of the table. Pure. */
export function press(before: TopModel, key: Key, height: number): Pressed {
  const action = alwaysMeans(key);
  if (action !== undefined) return { model: before, action };
  const { message: _, ...model } = before;
  if (model.isHelp) return { model: { ...model, isHelp: false } };
  if (model.isTyping) return { model: typed(model, key) };
  const movement = movementOf(key, height);
  if (model.panel !== undefined) return inPanel(model, model.panel, key, movement, height);
  if (movement !== undefined) return { model: moved(model, movement) };
  if ('text' in key) return command(model, key.text);
  if (key.name === 'f1') return { model: { ...model, isHelp: true } };
  if (key.name === 'enter') return { model, action: 'show processes' };
  if (key.name === 'escape') return { model: settled({ ...model, filter: '' }) };
  return { model };
}

/** Keys that mean the same everywhere. */
function alwaysMeans(key: Key): TopAction | undefined {
  if ('text' in key) return undefined;
  switch (key.name) {
    case 'interrupt':
    case 'quit':
      return 'interrupt';
    case 'end of input':
      return 'quit';
    case 'suspend':
      return 'suspend';
    case 'redraw':
      return 'redraw';
    default:
      return undefined;
  }
}

/** By how many rows the cursor moves. */
function movementOf(key: Key, height: number): number | undefined {
  const name = 'text' in key ? { k: 'up', j: 'down', g: 'home', G: 'end' }[key.text] : key.name;
  switch (name) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'page up':
      return -height;
    case 'page down':
      return height;
    case 'home':
      return Number.NEGATIVE_INFINITY;
    case 'end':
      return Number.POSITIVE_INFINITY;
    default:
      return undefined;
  }
}

function command(model: TopModel, text: string): Pressed {
  const sortedBy = sortKeys[text];
  if (sortedBy !== undefined) return { model: settled({ ...model, order: { title: sortedBy, reverse: false } }) };
  switch (text) {
    case 'q':
      return { model, action: 'quit' };
    case 't':
      return { model, action: 'show processes' };
    case 's':
      return { model: settled({ ...model, order: nextOrder(model) }) };
    case 'r':
      return { model: settled({ ...model, order: { ...model.order, reverse: !model.order.reverse } }) };
    case '/':
      return { model: { ...model, isTyping: true } };
    case ' ':
      return { model: { ...model, isPaused: !model.isPaused } };
    case '+':
      return { model: { ...model, intervalSeconds: Math.max(shortestInterval, model.intervalSeconds / 2) } };
    case '-':
      return { model: { ...model, intervalSeconds: Math.min(longestInterval, model.intervalSeconds * 2) } };
    case '?':
    case 'h':
      return { model: { ...model, isHelp: true } };
    default:
      return { model };
  }
}

function nextOrder({ titles, order }: TopModel): TopModel['order'] {
  const sortable = titles.filter((title) => title !== 'HISTORY');
  const at = sortable.indexOf(order.title);
  return { title: sortable[(at + 1) % sortable.length] ?? order.title, reverse: false };
}

function typed(model: TopModel, key: Key): TopModel {
  if ('text' in key) {
    const filter = model.filter.length < longestFilter ? model.filter + key.text : model.filter;
    return settled({ ...model, filter });
  }
  switch (key.name) {
    case 'enter':
      return { ...model, isTyping: false };
    case 'escape':
      return settled({ ...model, isTyping: false, filter: '' });
    case 'clear':
      return settled({ ...model, filter: '' });
    case 'backspace':
      return settled({ ...model, filter: [...model.filter].slice(0, -1).join('') });
    default:
      return model;
  }
}

function inPanel(
  model: TopModel,
  panel: ProcessPanel,
  key: Key,
  movement: number | undefined,
  height: number,
): Pressed {
  if (movement !== undefined) {
    const most = Math.max(0, panel.rows.length - height);
    const offset = Math.max(0, Math.min(most, panel.offset + movement));
    return { model: { ...model, panel: { ...panel, offset } } };
  }
  const text = 'text' in key ? key.text : undefined;
  const name = 'name' in key ? key.name : undefined;
  if (text === 'q') return { model, action: 'quit' };
  if (text === '?' || text === 'h' || name === 'f1') return { model: { ...model, isHelp: true } };
  if (text === ' ') return { model: { ...model, isPaused: !model.isPaused } };
  const isBack = text === 't' || name === 'enter' || name === 'escape' || name === 'left' || name === 'backspace';
  if (!isBack) return { model };
  const { panel: _, ...table } = model;
  return { model: table };
}
