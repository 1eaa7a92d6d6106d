/**
 * Named objects, directories of them, and their security: layouts, rights and flags of ntdef.h, winternl.h and winnt.h.
 * `size` and the members' offsets are bytes; x64 and arm64 are equal. Checked against a C compiler's by a test.
 * https://learn.microsoft.com/windows/win32/api/ntdef/ns-ntdef-_object_attributes
 * https://learn.microsoft.com/windows/win32/devnotes/ntquerydirectoryobject
 */

export const UNICODE_STRING = {
  size: 16,
  Length: 0,
  MaximumLength: 2,
  Buffer: 8,
} as const;

export const OBJECT_ATTRIBUTES = {
  size: 48,
  Length: 0,
  RootDirectory: 8,
  ObjectName: 16,
  Attributes: 24,
  SecurityDescriptor: 32,
  SecurityQualityOfService: 40,
} as const;

export const OBJECT_DIRECTORY_INFORMATION = {
  size: 32,
  Name: 0,
  TypeName: 16,
} as const;

/** Self-relative: Owner and the others are offsets from its start. */
export const SECURITY_DESCRIPTOR_RELATIVE = {
  size: 20,
  Revision: 0,
  Sbz1: 1,
  Control: 2,
  Owner: 4,
  Group: 8,
  Sacl: 12,
  Dacl: 16,
} as const;

/** n sub-authorities take `SubAuthority` + 4 n bytes. */
export const SID = {
  size: 12,
  Revision: 0,
  SubAuthorityCount: 1,
  IdentifierAuthority: 2,
  SubAuthority: 8,
} as const;

export const DIRECTORY_QUERY = 0x1;
export const READ_CONTROL = 0x20000;
export const OWNER_SECURITY_INFORMATION = 0x1;
