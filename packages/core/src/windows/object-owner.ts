import { OWNER_SECURITY_INFORMATION, READ_CONTROL, SECURITY_DESCRIPTOR_RELATIVE, SID } from './abi/object.ts';
import { STATUS_BUFFER_TOO_SMALL } from './abi/status.ts';
import { closeHandle } from './call/handle.ts';
import { allocate, type NativeMemory } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import { openJob, querySecurity } from './call/object.ts';

/** Local System, and the group of administrators, which owns what an elevated administrator makes. */
const trustedOwners: ReadonlySet<string> = new Set(['S-1-5-18', 'S-1-5-32-544']);
const usualSize = 256;

let descriptor: NativeMemory | undefined;

/**
 * True when SYSTEM or the administrators own the job object, false when somebody else does: any user may make a job with a
 * container's name. Undefined when we are not told.
 */
export function isOwnerTrusted(path: string): boolean | undefined {
  const owner = readOwner(path);
  return owner === undefined ? undefined : trustedOwners.has(owner);
}

/** The owner's SID as text ("S-1-5-18"), from a handle with READ_CONTROL and nothing else. */
export function readOwner(path: string): string | undefined {
  const opened = openJob(path, READ_CONTROL);
  if (opened.handle === undefined) return undefined;
  try {
    descriptor ??= allocate(usualSize);
    let { status, needed } = querySecurity(opened.handle, OWNER_SECURITY_INFORMATION, descriptor);
    if (status === STATUS_BUFFER_TOO_SMALL && needed > descriptor.size) {
      descriptor = allocate(needed);
      ({ status, needed } = querySecurity(opened.handle, OWNER_SECURITY_INFORMATION, descriptor));
    }
    return succeeded(status) ? parseOwner(descriptor.view) : undefined;
  } finally {
    closeHandle(opened.handle);
  }
}

/** The owner in a self-relative security descriptor; undefined for none, or one that is not within it. */
export function parseOwner(view: DataView): string | undefined {
  const at = view.getUint32(SECURITY_DESCRIPTOR_RELATIVE.Owner, true);
  if (at === 0 || at + SID.SubAuthority > view.byteLength) return undefined;
  const count = view.getUint8(at + SID.SubAuthorityCount);
  if (at + SID.SubAuthority + 4 * count > view.byteLength) return undefined;
  const authority =
    view.getUint16(at + SID.IdentifierAuthority) * 2 ** 32 + view.getUint32(at + SID.IdentifierAuthority + 2);
  const parts = Array.from({ length: count }, (_, i) => view.getUint32(at + SID.SubAuthority + 4 * i, true));
  return ['S', view.getUint8(at + SID.Revision), authority, ...parts].join('-');
}
