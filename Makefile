# cmtap: build, test, install. `make help` lists the targets.
#
# Two builds live side by side: build/ (release) and build/debug/ (ASan and UBSan, for tests).
# Every .c file below core/, dissectors/, signatures/ and sensor/ is part of the program; every
# tests/unit/**/test_*.c is a test program and every tests/fuzz/fuzz_*.c a fuzz target.

CC       ?= gcc
FUZZ_CC  ?= clang
PREFIX   ?= /usr
DESTDIR  ?=
VERSION  := 0.1.0
# `make Q=` shows the whole commands.
Q        ?= @

WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
BASE     := -std=c17 -D_GNU_SOURCE -I. -g $(WARN) -pthread \
            -DCMTAP_VERSION='"$(VERSION)"' -DCMTAP_DATADIR='"$(PREFIX)/share/cmtap"'
RELEASE  := $(BASE) -O3 -fno-plt -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
# The path of a packet goes through many small files: gcc joins them when it links (clang would need
# another linker for that). Measured: 0.92 times the time of a mixed capture. Across files it guesses
# wrongly what may be uninitialized.
LTO      := $(if $(findstring clang,$(CC)),,-flto=auto -Wno-maybe-uninitialized)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
# Of what is built for tests alone, debuggers need lines and no more: that is built in less time.
DEBUG    := $(BASE) -g1 -O1 -fno-omit-frame-pointer $(SANITIZE)
THREADS  := $(BASE) -g1 -O1 -fno-omit-frame-pointer -fsanitize=thread
FUZZ     := $(BASE) -gline-tables-only -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
            -fno-sanitize-recover=undefined
LIBS     := -lpcap -lyaml -lcjson -lpcre2-8 -lexpat -lz -lcrypto -lndpi -lm

SOURCES  := $(sort $(wildcard core/*.c dissectors/*.c dissectors/*/*.c signatures/sigma/*.c \
            sensor/*.c sensor/*/*.c))
MAIN     := sensor/main.c
PARTS    := $(filter-out $(MAIN),$(SOURCES))
UNITS    := $(sort $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c))
HELPERS  := $(sort $(wildcard tests/support/*.c))
FUZZERS  := $(sort $(wildcard tests/fuzz/fuzz_*.c))

UNIT_BIN := $(UNITS:%.c=build/debug/%)
FUZZ_BIN := $(FUZZERS:%.c=build/fuzz/%)

.PHONY: all debug threads clang run test unit unit-build cli lint format check-layers fuzz \
        fuzz-build bench install clean deps help
.DELETE_ON_ERROR:
.SECONDARY:

all: build/cmtap ## build the release binary, build/cmtap

debug: build/debug/cmtap build/debug/tests/replay ## build with ASan and UBSan, build/debug/cmtap

clang: build/clang/cmtap ## build with clang, which warns of other things, build/clang/cmtap

threads: build/threads/cmtap ## build with TSan, build/threads/cmtap

deps: ## install the Debian packages that building and testing need
	packaging/deps.sh test

build/.deps-%: packaging/deps.sh
	@mkdir -p build
	packaging/deps.sh $*
	@touch $@

# One recipe a build: objects know their headers through -MMD.
define BUILD
build/$(1)/obj/%.o: %.c | build/.deps-$(4)
	@mkdir -p $$(@D)
	@echo '  CC    $(1)/$$<'
	$$(Q)$(2) $(3) -MMD -MP -c $$< -o $$@
-include $$(SOURCES:%.c=build/$(1)/obj/%.d)
endef

$(eval $(call BUILD,release,$$(CC),$$(RELEASE) $$(LTO),build))
$(eval $(call BUILD,debug,$$(CC),$$(DEBUG),test))
$(eval $(call BUILD,clang,clang,$$(RELEASE) -O1,test))
$(eval $(call BUILD,threads,$$(CC),$$(THREADS),test))
$(eval $(call BUILD,fuzz,$$(FUZZ_CC),$$(FUZZ),test))

build/cmtap: $(SOURCES:%.c=build/release/obj/%.o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(RELEASE) $(LTO) -pie -Wl,-z,relro,-z,now $^ $(LIBS) -o $@

build/debug/cmtap: $(SOURCES:%.c=build/debug/obj/%.o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(DEBUG) $^ $(LIBS) -o $@

build/clang/cmtap: $(SOURCES:%.c=build/clang/obj/%.o)
	@echo '  LINK  $@'
	$(Q)clang $(RELEASE) -pie $^ $(LIBS) -o $@

build/threads/cmtap: $(SOURCES:%.c=build/threads/obj/%.o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(THREADS) $^ $(LIBS) -o $@

build/debug/parts.a: $(PARTS:%.c=build/debug/obj/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

build/fuzz/parts.a: $(PARTS:%.c=build/fuzz/obj/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

build/debug/tests/unit/%: build/debug/obj/tests/unit/%.o $(HELPERS:%.c=build/debug/obj/%.o) \
                          build/debug/parts.a
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(DEBUG) $^ $(LIBS) -lcmocka -o $@

build/debug/tests/replay: build/debug/obj/tests/replay/replay.o build/debug/parts.a
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(DEBUG) $^ $(LIBS) -o $@

build/fuzz/tests/fuzz/%: build/fuzz/obj/tests/fuzz/%.o $(HELPERS:%.c=build/fuzz/obj/%.o) \
                         build/fuzz/parts.a
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(FUZZ_CC) $(FUZZ) -fsanitize=fuzzer $^ $(LIBS) -lcmocka -o $@

-include build/debug/obj/tests/replay/replay.d
-include $(UNITS:%.c=build/debug/obj/%.d) $(HELPERS:%.c=build/debug/obj/%.d) \
         $(FUZZERS:%.c=build/fuzz/obj/%.d) $(HELPERS:%.c=build/fuzz/obj/%.d)

run: build/cmtap ## analyse the sample captures and print what is found
	tests/run-samples

unit-build: $(UNIT_BIN)

unit: $(UNIT_BIN) ## run the unit tests
	tests/run-unit $(UNIT_BIN)

cli: build/cmtap build/debug/cmtap ## run the command line tests
	tests/run-bats

fuzz-build: $(FUZZ_BIN)

fuzz: $(FUZZ_BIN) ## fuzz each target for FUZZ_SECONDS (20)
	tests/fuzz/run $(FUZZ_BIN)

test: ## install what is missing, build, and run every test
	packaging/deps.sh lab
	tests/run-all

lint: build/.deps-test ## layout, layers, banned functions, clang-tidy and cppcheck
	tests/lint

check-layers: ## fail when an include points upwards
	tests/check-layers

format: ## lay out all C files as .clang-format says
	clang-format -i $$(git ls-files '*.c' '*.h')

bench: build/cmtap ## measure against other tools; never pass or fail
	packaging/deps.sh bench
	tests/bench/run
	$(MAKE) -s -C tests/bench bench_sigma
	build/bench/bench_sigma

install: build/cmtap ## install below $(DESTDIR)$(PREFIX)
	install -D -m 755 build/cmtap $(DESTDIR)$(PREFIX)/bin/cmtap
	cd signatures && find . -name '*.yml' -exec install -D -m 644 {} \
		$(DESTDIR)$(abspath $(PREFIX))/share/cmtap/signatures/{} \;
	cd packaging/mappings && find . -name '*.yml' -exec install -D -m 644 {} \
		$(DESTDIR)$(abspath $(PREFIX))/share/cmtap/mappings/{} \;

clean: ## remove everything that was built
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | column -t -s '|'
