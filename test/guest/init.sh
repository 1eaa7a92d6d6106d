#!/bin/busybox sh
# PID 1 of the guest until systemd takes over: mounts the host's root read-only over 9p, puts a
# tmpfs on top, and starts systemd with the one unit that runs the tests.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
while read -r m; do insmod "/modules/$m" || echo "guest: no module $m"; done < /modules/order
mkdir -p /lower /upper /newroot /out
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose root /lower || { echo "guest: no root"; poweroff -f; }
mount -t tmpfs -o size=1500m tmpfs /upper
mkdir -p /upper/data /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work overlay /newroot
cp -a /overlay/. /newroot/
mkdir -p /newroot/out
mount -t 9p -o trans=virtio,version=9p2000.L,rw,msize=262144 out /newroot/out
for d in run tmp var/tmp dev/shm; do mkdir -p /newroot/$d; done
mount -t tmpfs tmpfs /newroot/run; mount -t tmpfs tmpfs /newroot/tmp
# A checkout below /tmp is hidden by now.
for w in $(cat /proc/cmdline); do
  case $w in silostat.checkout=*) d=${w#*=}; [ -e "/newroot$d/package.json" ] || { mkdir -p "/newroot$d"; mount --bind "/lower$d" "/newroot$d"; } ;; esac
done
umount /proc /sys
mount --move /dev /newroot/dev
exec switch_root /newroot /lib/systemd/systemd --unit=guest.target systemd.unified_cgroup_hierarchy=1
