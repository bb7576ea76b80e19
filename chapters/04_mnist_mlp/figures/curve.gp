# Loss and accuracy after each epoch, from curve.csv (chapter 04 --csv).
set terminal svg size 720,420 background '#ffffff' font 'sans-serif,14'
set output out
set datafile separator ','
set title 'The training loss keeps falling; the test loss stays at about a quarter'
set xlabel 'epoch'
set ylabel 'mean cross-entropy (natural logarithm)'
set y2label 'test digits right (%)' textcolor rgb '#009E73'
set xrange [0.5:10.5]
set xtics 1
set yrange [0:0.6]
set y2range [84:96]
set ytics nomirror
set y2tics textcolor rgb '#009E73'
set grid ytics linecolor rgb '#dddddd'
set key below
file = csv.'/curve.csv'
plot file using 1:2 skip 1 with linespoints linewidth 2 pointtype 7 pointsize 0.6 linecolor rgb '#0072B2' title 'loss on the training digits', \
     file using 1:3 skip 1 with linespoints linewidth 2 pointtype 5 pointsize 0.6 linecolor rgb '#D55E00' title 'loss on the test digits', \
     file using 1:4 skip 1 axes x1y2 with linespoints linewidth 2 dashtype 2 pointtype 9 pointsize 0.7 linecolor rgb '#009E73' title 'test digits right'
