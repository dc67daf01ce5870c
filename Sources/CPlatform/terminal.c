#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

// What a dying process needs to put its terminal back; written before the handlers are in place.
static struct termios terminal_before;
static int terminal_descriptor = -1;
static int terminal_output = -1;

// Cursor shown, colours off, the screen that was there before.
static const char terminal_leave[] = "\033[0m\033[?25h\033[?1049l";

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};

static void put_back(void) {
  if (terminal_descriptor < 0) return;
  if (terminal_output >= 0) {
    ssize_t ignored = write(terminal_output, terminal_leave, sizeof terminal_leave - 1);
    (void)ignored;
  }
  tcsetattr(terminal_descriptor, TCSANOW, &terminal_before);
}

static void die(int number) {
  put_back();
  // SA_RESETHAND has restored the default action.
  raise(number);
}

int platform_terminal_begin(int input, int output) {
  struct termios raw;
  if (tcgetattr(input, &terminal_before) < 0) return -errno;
  raw = terminal_before;
  cfmakeraw(&raw);
  // A line feed still returns to the first column.
  raw.c_oflag |= OPOST;
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  terminal_descriptor = input;
  terminal_output = output;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = die;
  action.sa_flags = SA_RESETHAND | SA_NODEFER;
  for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) sigaction(fatal[i], &action, NULL);
  return tcsetattr(input, TCSANOW, &raw) < 0 ? -errno : 0;
}

void platform_terminal_end(void) {
  put_back();
  terminal_descriptor = -1;
  terminal_output = -1;
}

// While something is typed unseen, a signal that ends the program puts the echo back first.
static struct termios hidden_before;
static int hidden_descriptor = -1;
static const int leaving[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void show_and_leave(int number) {
  if (hidden_descriptor >= 0) tcsetattr(hidden_descriptor, TCSANOW, &hidden_before);
  // SA_RESETHAND has restored the default action.
  raise(number);
}

int platform_terminal_hide(int input) {
  if (tcgetattr(input, &hidden_before) < 0) return -errno;
  struct termios hidden = hidden_before;
  hidden.c_lflag &= ~(tcflag_t)ECHO;
  hidden_descriptor = input;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = show_and_leave;
  action.sa_flags = SA_RESETHAND | SA_NODEFER;
  for (size_t i = 0; i < sizeof leaving / sizeof leaving[0]; i++) {
    sigaction(leaving[i], &action, NULL);
  }
  // Who comes back from a stop would be seen typing: the shell has its own modes in between.
  signal(SIGTSTP, SIG_IGN);
  // What was typed before the question is no answer to it.
  return tcsetattr(input, TCSAFLUSH, &hidden) < 0 ? -errno : 0;
}

void platform_terminal_show(void) {
  if (hidden_descriptor < 0) return;
  tcsetattr(hidden_descriptor, TCSAFLUSH, &hidden_before);
  hidden_descriptor = -1;
  for (size_t i = 0; i < sizeof leaving / sizeof leaving[0]; i++) signal(leaving[i], SIG_DFL);
  signal(SIGTSTP, SIG_DFL);
}

int platform_terminal_size(int descriptor, int32_t *columns, int32_t *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) < 0) return -errno;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}
