#include "talk.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>

#include <windows.h>

static FILE *commands, *answers;
static HANDLE workload;

int start_workload(const char *hook) {
    SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, NULL, TRUE};
    STARTUPINFOA info = {.cb = sizeof info, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION made;
    char program[MAX_PATH], command[3 * MAX_PATH];
    HANDLE to, from;
    if (!CreatePipe(&info.hStdInput, &to, &inheritable, 0) || !CreatePipe(&from, &info.hStdOutput, &inheritable, 0))
        return 0;
    SetHandleInformation(to, HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0);
    info.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    GetModuleFileNameA(NULL, program, sizeof program);
    strcpy(strrchr(program, '\\') + 1, "workload.exe");
    snprintf(command, sizeof command, "workload.exe --hook \"%s\"", hook);
    if (!CreateProcessA(program, command, NULL, NULL, TRUE, 0, NULL, NULL, &info, &made)) return 0;
    CloseHandle(info.hStdInput);
    CloseHandle(info.hStdOutput);
    CloseHandle(made.hThread);
    workload = made.hProcess;
    commands = _fdopen(_open_osfhandle((intptr_t)to, 0), "w");
    answers = _fdopen(_open_osfhandle((intptr_t)from, 0), "r");
    return commands && answers;
}

const char *ask_workload(const char *format, va_list arguments) {
    static char answer[65536];
    vfprintf(commands, format, arguments);
    fputc('\n', commands);
    fflush(commands);
    if (!fgets(answer, sizeof answer, answers)) strcpy(answer, "{\"ok\":false}");
    return answer;
}

void end_workload(void) {
    fclose(commands);
    WaitForSingleObject(workload, 60000);
}
