/* Answers about jobs: sums over their processes, and limits that are kept. */
#include "hook.h"

#include <string.h>

#define BASIC_FLAGS 0xffu
#define EXTENDED_FLAGS 0x7fffu

static void fill_accounting(const struct sums *sums, JOBOBJECT_BASIC_ACCOUNTING_INFORMATION *into) {
    *into = sums->accounting;
    into->TotalUserTime.QuadPart = (LONG64)sums->figures.user_100ns;
    into->TotalKernelTime.QuadPart = (LONG64)sums->figures.kernel_100ns;
    into->ThisPeriodTotalUserTime.QuadPart = into->TotalUserTime.QuadPart / 2 + 1;
    into->ThisPeriodTotalKernelTime.QuadPart = into->TotalKernelTime.QuadPart / 2 + 2;
    into->TotalPageFaultCount = (DWORD)(sums->figures.touched_pages + (ULONG64)START_FAULTS * into->TotalProcesses);
}

static void fill_io(const struct sums *sums, IO_COUNTERS *into) {
    ULONG64 started = sums->accounting.TotalProcesses;
    into->ReadOperationCount = sums->figures.read_operations + START_READS * started;
    into->ReadTransferCount = sums->figures.read_bytes + START_READS * START_READ_BYTES * started;
    into->WriteOperationCount = sums->figures.written_operations;
    into->WriteTransferCount = sums->figures.written_bytes;
    into->OtherOperationCount = START_OTHERS * started;
    into->OtherTransferCount = START_OTHERS * START_OTHER_BYTES * started;
}

static void fill_attribution(const struct job_state *state, const struct sums *sums, IO_ATTRIBUTION *into) {
    const struct figures *now = &sums->figures, *then = &state->at_enabling;
    into->ControlFlags = IO_ATTRIBUTION_ENABLE;
    into->ReadStats.IoCount = now->read_operations - then->read_operations;
    into->ReadStats.TotalSize = now->read_bytes - then->read_bytes;
    into->WriteStats.IoCount = now->written_operations - then->written_operations;
    into->WriteStats.TotalSize = now->written_bytes - then->written_bytes;
    into->ReadStats.TotalNonOverlappedQueueTime = 3 * into->ReadStats.IoCount + 1;
    into->ReadStats.TotalNonOverlappedServiceTime = 5 * into->ReadStats.IoCount + 2;
    into->WriteStats.TotalNonOverlappedQueueTime = 7 * into->WriteStats.IoCount + 3;
    into->WriteStats.TotalNonOverlappedServiceTime = 11 * into->WriteStats.IoCount + 4;
}

static int is_silo(HANDLE job, const struct job_state *state) {
    static const WCHAR prefix[] = L"\\Container_";
    WCHAR name[1024];
    job_name(job, name, 1024);
    return state->is_silo || !wcsncmp(name, prefix, wcslen(prefix));
}

static NTSTATUS fill_silo(HANDLE job, const struct job_state *state, const struct sums *sums, SILO_BASIC *into) {
    if (!is_silo(job, state)) return NT_INVALID_PARAMETER;
    memset(into, 0, sizeof *into);
    into->SiloId = (DWORD)(state->key & 0x7fffffff) | 0x1000;
    into->SiloParentId = 1;
    into->NumberOfProcesses = sums->accounting.ActiveProcesses;
    into->IsInServerSilo = TRUE;
    return NT_SUCCESS_STATUS;
}

static void fill_limits(const struct job_state *state, JOBOBJECT_EXTENDED_LIMIT_INFORMATION *into) {
    *into = state->limits;
    into->PeakProcessMemoryUsed = (SIZE_T)state->peak_process;
    into->PeakJobMemoryUsed = (SIZE_T)state->peak_job;
}

static NTSTATUS fill(HANDLE job, ULONG information_class, struct job_state *state, const struct sums *sums,
                     void *into) {
    switch (information_class) {
    case JobObjectBasicAccountingInformation: fill_accounting(sums, into); break;
    case JobObjectBasicAndIoAccountingInformation:
        fill_accounting(sums, &((JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION *)into)->BasicInfo);
        fill_io(sums, &((JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION *)into)->IoInfo);
        break;
    case JobMemoryUsageInformation:
        ((JOB_MEMORY_USAGE *)into)->JobMemory = sums->commit;
        ((JOB_MEMORY_USAGE *)into)->PeakJobMemoryUsed = state->peak_job;
        break;
    case JobIoAttribution:
        if (!state->tracks_io) return NT_NOT_FOUND;
        fill_attribution(state, sums, into);
        break;
    case JobObjectBasicLimitInformation:
        memcpy(into, &state->limits.BasicLimitInformation, sizeof state->limits.BasicLimitInformation);
        ((JOBOBJECT_BASIC_LIMIT_INFORMATION *)into)->LimitFlags &= BASIC_FLAGS;
        break;
    case JobObjectExtendedLimitInformation: fill_limits(state, into); break;
    case JobObjectCpuRateControlInformation: memcpy(into, &state->rate, sizeof state->rate); break;
    case JobSiloBasicInformation: return fill_silo(job, state, sums, into);
    }
    return NT_SUCCESS_STATUS;
}

/* Length of the answer to a class that we give; 0: Wine's. */
static ULONG length_of(ULONG information_class) {
    switch (information_class) {
    case JobObjectBasicAccountingInformation: return sizeof(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION);
    case JobObjectBasicAndIoAccountingInformation: return sizeof(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION);
    case JobMemoryUsageInformation: return sizeof(JOB_MEMORY_USAGE);
    case JobIoAttribution: return sizeof(IO_ATTRIBUTION);
    case JobObjectBasicLimitInformation: return sizeof(JOBOBJECT_BASIC_LIMIT_INFORMATION);
    case JobObjectExtendedLimitInformation: return sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION);
    case JobObjectCpuRateControlInformation: return sizeof(CPU_RATE_CONTROL);
    case JobSiloBasicInformation: return sizeof(SILO_BASIC);
    default: return 0;
    }
}

NTSTATUS answer_job(HANDLE job, ULONG information_class, void *into, ULONG size, ULONG *told) {
    ULONG length = length_of(information_class);
    struct job_state *state;
    struct sums sums;
    NTSTATUS status;
    if (!length || !job) {
        status = wine_query_job(job, information_class, into, size, told);
        return status == NT_MORE_ENTRIES ? NT_BUFFER_OVERFLOW : status;
    }
    if (size != length) return NT_INFO_LENGTH_MISMATCH;
    status = wine_query_job(job, JobObjectBasicAccountingInformation, &sums.accounting, sizeof sums.accounting, NULL);
    if (!NT_OK(status)) return status; /* no such handle, or no right to query */
    if (!(state = lock_state(job))) return NT_INVALID_PARAMETER;
    status = sum_up(job, state, &sums);
    if (NT_OK(status)) status = fill(job, information_class, state, &sums, into);
    unlock_states();
    if (NT_OK(status) && told) *told = length;
    return status;
}

/* https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-jobobject_cpu_rate_control_information */
static int is_valid_rate(const CPU_RATE_CONTROL *rate) {
    const DWORD enable = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE, weight = JOB_OBJECT_CPU_RATE_CONTROL_WEIGHT_BASED;
    const DWORD min_max = CPU_RATE_CONTROL_MIN_MAX_RATE, cap = JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
    DWORD flags = rate->ControlFlags;
    if (!flags) return 1;
    if (!(flags & enable) || flags & ~(enable | weight | cap | min_max | JOB_OBJECT_CPU_RATE_CONTROL_NOTIFY)) return 0;
    if (flags & weight) return !(flags & (cap | min_max)) && rate->Weight >= 1 && rate->Weight <= 9;
    if (flags & min_max)
        return !(flags & cap) && rate->MinRate <= rate->MaxRate && rate->MaxRate >= 1 && rate->MaxRate <= 10000;
    return rate->CpuRate >= 1 && rate->CpuRate <= 10000;
}

static NTSTATUS keep_limits(struct job_state *state, ULONG information_class, const void *from) {
    const JOBOBJECT_BASIC_LIMIT_INFORMATION *basic = from;
    DWORD valid = information_class == JobObjectExtendedLimitInformation ? EXTENDED_FLAGS : BASIC_FLAGS;
    if (basic->LimitFlags & ~valid) return NT_INVALID_PARAMETER;
    if (information_class == JobObjectExtendedLimitInformation) {
        memcpy(&state->limits, from, sizeof state->limits);
    } else {
        DWORD kept = state->limits.BasicLimitInformation.LimitFlags & ~BASIC_FLAGS;
        state->limits.BasicLimitInformation = *basic;
        state->limits.BasicLimitInformation.LimitFlags |= kept;
    }
    return NT_SUCCESS_STATUS;
}

static NTSTATUS control_attribution(HANDLE job, struct job_state *state, ULONG flags) {
    struct sums sums;
    if (flags != IO_ATTRIBUTION_ENABLE && flags != IO_ATTRIBUTION_DISABLE) return NT_INVALID_PARAMETER;
    if (flags == IO_ATTRIBUTION_ENABLE && !state->tracks_io && NT_OK(sum_up(job, state, &sums)))
        state->at_enabling = sums.figures;
    state->tracks_io = flags == IO_ATTRIBUTION_ENABLE;
    return NT_SUCCESS_STATUS;
}

static NTSTATUS keep(HANDLE job, struct job_state *state, ULONG information_class, const void *from) {
    switch (information_class) {
    case JobObjectBasicLimitInformation:
    case JobObjectExtendedLimitInformation: return keep_limits(state, information_class, from);
    case JobObjectCpuRateControlInformation:
        if (!is_valid_rate(from)) return NT_INVALID_PARAMETER;
        memcpy(&state->rate, from, sizeof state->rate);
        return NT_SUCCESS_STATUS;
    case JobIoAttribution: return control_attribution(job, state, *(const ULONG *)from);
    default: state->is_silo = 1; return NT_SUCCESS_STATUS; /* JobCreateSilo */
    }
}

NTSTATUS set_job(HANDLE job, ULONG information_class, void *from, ULONG size) {
    const int limits =
        information_class == JobObjectBasicLimitInformation || information_class == JobObjectExtendedLimitInformation;
    ULONG length = length_of(information_class);
    struct job_state *state;
    ACCESS_MASK access;
    NTSTATUS status;
    if (information_class == JobObjectAssociateCompletionPortInformation || !job ||
        (!limits && information_class != JobObjectCpuRateControlInformation && information_class != JobIoAttribution &&
         information_class != JobCreateSilo)) {
        status = wine_set_job(job, information_class, from, size);
        if (NT_OK(status) && information_class == JobObjectAssociateCompletionPortInformation) remember_port(job, from);
        return status;
    }
    if (size != length) return NT_INFO_LENGTH_MISMATCH;
    if (!NT_OK(status = read_granted_access(job, &access))) return status;
    if (!(access & JOB_OBJECT_SET_ATTRIBUTES)) return NT_ACCESS_DENIED;
    if (!(state = lock_state(job))) return NT_INVALID_PARAMETER;
    status = keep(job, state, information_class, from);
    unlock_states();
    return NT_OK(status) && limits ? wine_set_job(job, information_class, from, size)
                                   : status; /* kill on close works there */
}
