import type { Host } from '../host.ts';

export const windowsHost: Host = {
  list: async () => [],
  open: async () => {
    throw new Error('to come');
  },
  create: async () => {
    throw new Error('to come');
  },
};
