/** A process that was started. */
export interface StartRecord {
  readonly pid: number;
  readonly parent: number;
}

const recordLost = 2;
const recordFork = 7;
const headerBytes = 8;

const attributeBytes = 112;
const typeSoftware = 1;
const countDummy = 9;
/** Bits of the flags behind read_format. */
const inherit = 1 << 1;
const excludeKernel = 1 << 5;
const excludeHypervisor = 1 << 6;
const taskRecords = 1 << 13;

/** struct perf_event_attr: an event that counts nothing, with a record for each fork and exit, handed down to children. */
export const perfEventAttributes: Uint8Array = attributes();

function attributes(): Uint8Array {
  const view = new DataView(new ArrayBuffer(attributeBytes));
  view.setUint32(0, typeSoftware, true);
  view.setUint32(4, attributeBytes, true);
  view.setBigUint64(8, BigInt(countDummy), true);
  view.setBigUint64(40, BigInt(inherit | excludeKernel | excludeHypervisor | taskRecords), true);
  return new Uint8Array(view.buffer);
}

/**
 * The starts of processes among the records of a ring buffer: PERF_RECORD_FORK of a thread is none. `lost` says that the
 * kernel had to drop records.
 */
export function parsePerfRecords(bytes: Uint8Array): { starts: StartRecord[]; lost: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: StartRecord[] = [];
  let lost = false;
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const type = view.getUint32(at, true);
    const size = view.getUint16(at + 6, true);
    // No record is shorter than its header, nor longer than what is there.
    if (size < headerBytes || at + size > bytes.length) return { starts, lost: true };
    if (type === recordLost) lost = true;
    if (type === recordFork && size >= headerBytes + 16) {
      // pid, ppid, tid, ptid
      const pid = view.getUint32(at + headerBytes, true);
      const thread = view.getUint32(at + headerBytes + 8, true);
      if (pid === thread) starts.push({ pid, parent: view.getUint32(at + headerBytes + 4, true) });
    }
    at += size;
  }
  return { starts, lost };
}
