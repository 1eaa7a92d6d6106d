# Source of packages/core/src/linux/job-container/gate-program.ts; a test assembles it and compares.
#
# The gate on x64: `gate FD PROGRAM ARGV0 ARGUMENT...`. Waits for a byte on FD (one character, from '0' on), closes it and executes
# PROGRAM with the environment that it has itself. Exit code 125 when FD ends without a byte; 127 when there is no PROGRAM,
# 126 when it cannot be executed. A script without an interpreter line is the shell's.
  .intel_syntax noprefix
  .globl _start
_start:
  mov rbx, [rsp + 16]
  movzx ebp, byte ptr [rbx]
  sub ebp, '0'
  xor eax, eax              # read(FD, below the stack, 1)
  mov edi, ebp
  lea rsi, [rsp - 8]
  mov edx, 1
  syscall
  mov edi, 125
  cmp eax, 1
  jne end
  mov eax, 3                # close(FD)
  mov edi, ebp
  syscall
  mov eax, 59               # execve(PROGRAM, from ARGV0 on, what is behind the arguments)
  mov rdi, [rsp + 24]
  lea rsi, [rsp + 32]
  mov rdx, [rsp]
  lea rdx, [rsp + rdx * 8 + 16]
  syscall
  cmp eax, -8               # ENOEXEC: a script without an interpreter line; execve("/bin/sh", PROGRAM and the arguments), as execvp does
  jne failed
  mov rax, [rsp + 24]
  mov [rsp + 32], rax
  lea rdi, [rip + shell]
  mov [rsp + 24], rdi
  lea rsi, [rsp + 24]
  mov eax, 59
  syscall
failed:
  mov edi, 126
  cmp eax, -2               # ENOENT
  jne end
  inc edi
end:
  mov eax, 60               # exit(EDI)
  syscall
shell:
  .asciz "/bin/sh"
