import type { Host } from '../host.ts';

export const linuxHost: Host = {
  list: async () => [],
  open: async () => {
    throw new Error('to come');
  },
  create: async () => {
    throw new Error('to come');
  },
};
