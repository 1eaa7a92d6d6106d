import type { Reading } from '../../job.ts';
import type { Absences, Reason, Sources } from '../../report.ts';
import type { StorageStatistics } from '../../schema/statistics.ts';
import type { BlkioTotals } from '../parse/blkio-throttle.ts';
import { parseBlkioThrottle } from '../parse/blkio-throttle.ts';
import type { Counter } from '../parse/counter.ts';
import { parseIoStat } from '../parse/io-stat.ts';
import { KernelFile, scratchBytes } from '../read.ts';
import type { Place } from './cgroup-directory.ts';
import { openFiles } from './cgroup-directory.ts';
import { tooLarge } from './figure-table.ts';

const bytesFile = 'blkio.throttle.io_service_bytes_recursive';
const countsFile = 'blkio.throttle.io_serviced_recursive';

const sources1: Sources = Object.freeze({
  'Storage.ReadCountNormalized': `${countsFile} Read`,
  'Storage.ReadSizeBytes': `${bytesFile} Read`,
  'Storage.WriteCountNormalized': `${countsFile} Write`,
  'Storage.WriteSizeBytes': `${bytesFile} Write`,
});
const sources2: Sources = Object.freeze({
  'Storage.ReadCountNormalized': 'io.stat rios',
  'Storage.ReadSizeBytes': 'io.stat rbytes',
  'Storage.WriteCountNormalized': 'io.stat wios',
  'Storage.WriteSizeBytes': 'io.stat wbytes',
});
const ioStat = { file: 'io.stat', whyMissing: 'the io controller is not enabled for this cgroup' };
const noThrottle = 'this kernel does not count input and output by cgroup';
const noSources: Sources = Object.freeze({});

const notCounted: Reason = Object.freeze({
  code: 'ERR_UNSUPPORTED',
  message:
    'cgroup v1 has counted no device for this cgroup, which is no evidence of no input and output: the kernel counts a disk only once a throttle rule was set on it',
});

/** What the block layer did for a cgroup. */
export interface StorageFigures {
  read(): Reading<StorageStatistics>;
}

/** Storage that cannot be read, each time for the same reason. */
function absentStorage(reason: Reason): StorageFigures {
  const reading = Object.freeze({ values: undefined, sources: noSources, absent: Object.freeze({ Storage: reason }) });
  return { read: () => reading };
}

const uncounted: Reading<StorageStatistics> = absentStorage(notCounted).read();

/** @throws SilostatError ERR_NOT_FOUND when the cgroup has gone. */
export function openStorage2(place: Place): StorageFigures {
  const [file] = openFiles(place, [ioStat]);
  if (!(file instanceof KernelFile)) return absentStorage(file);
  return {
    read: () => {
      const length = file.read();
      const totals = parseIoStat(scratchBytes(), length, file.path);
      return storageReading(totals.reads, totals.readBytes, totals.writes, totals.writeBytes, sources2);
    },
  };
}

/** @throws SilostatError ERR_NOT_FOUND when the cgroup has gone. */
export function openStorage1(place: Place): StorageFigures {
  const [bytes, counts] = openFiles(place, [
    { file: bytesFile, whyMissing: noThrottle },
    { file: countsFile, whyMissing: noThrottle },
  ]);
  if (!(bytes instanceof KernelFile)) return absentStorage(bytes);
  if (!(counts instanceof KernelFile)) return absentStorage(counts);
  return {
    read: () => {
      const size = readBlkio(bytes);
      // Where one file has no device the other has none: mostly that is so, and a read saved.
      const count = size === undefined ? undefined : readBlkio(counts);
      if (size === undefined || count === undefined) return uncounted;
      return storageReading(count.read, size.read, count.write, size.write, sources1);
    },
  };
}

function readBlkio(file: KernelFile): BlkioTotals | undefined {
  const length = file.read();
  return parseBlkioThrottle(scratchBytes(), length, file.path);
}

function storageReading(
  reads: Counter,
  readBytes: Counter,
  writes: Counter,
  writeBytes: Counter,
  sources: Sources,
): Reading<StorageStatistics> {
  if (
    typeof reads === 'number' &&
    typeof readBytes === 'number' &&
    typeof writes === 'number' &&
    typeof writeBytes === 'number'
  ) {
    const values: StorageStatistics = {
      ReadCountNormalized: reads,
      ReadSizeBytes: readBytes,
      WriteCountNormalized: writes,
      WriteSizeBytes: writeBytes,
    };
    return { values, sources };
  }
  return partlyTooLarge(
    {
      ReadCountNormalized: reads,
      ReadSizeBytes: readBytes,
      WriteCountNormalized: writes,
      WriteSizeBytes: writeBytes,
    },
    sources,
  );
}

function partlyTooLarge(
  counters: Record<keyof StorageStatistics, Counter>,
  sources: Sources,
): Reading<StorageStatistics> {
  const values: StorageStatistics = {};
  const absent: Record<string, Reason> = {};
  for (const [member, counter] of Object.entries(counters) as [keyof StorageStatistics, Counter][]) {
    if (typeof counter === 'number') values[member] = counter;
    else absent[`Storage.${member}`] = tooLarge(counter);
  }
  return { values, sources, absent: absent as Absences };
}
