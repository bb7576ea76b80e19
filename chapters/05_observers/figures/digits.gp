# Share of unseen activations outside the min-max interval, against the number of calibration digits.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "After a thousand digits at most 350 in a million lie outside"
set xlabel "calibration digits"
set ylabel "unseen activations outside, per million"
set logscale x
set logscale y
set xrange [0.9:9000]
set yrange [1:60000]
set grid lc rgb "#dddddd"
set key right top
plot csv."/digits.csv" using 1:($3 > 0 ? $3 : NaN) skip 1 with linespoints lw 2 pt 7 ps 0.6 lc rgb "#0072B2" title "layer 1", \
     "" using 1:($4 > 0 ? $4 : NaN) skip 1 with linespoints lw 2 pt 5 ps 0.6 lc rgb "#009E73" title "layer 2", \
     "" using 1:($5 > 0 ? $5 : NaN) skip 1 with linespoints lw 2 pt 9 ps 0.7 lc rgb "#D55E00" title "layer 3"
